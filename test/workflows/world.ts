/**
 * Runbooks on a real Temporal server, with activities that a test scripts: each is recorded, and does what the test says
 * instead of calling AWS.
 */
import { Client, Connection, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { temporal } from '@temporalio/proto';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { AwsActivities, AwsWaits } from '../../activities/aws';
import type { BuilderActivities } from '../../activities/builders';
import type { FileActivities } from '../../activities/files';
import type { OperationActivities } from '../../activities/operations';
import type { OwnedCopy } from '../../activities/files/configuration-copies';
import type { ProbeActivities } from '../../activities/probes';
import type { RetirementPlan } from '../../activities/aws/retirement';
import { planBlueGreen, type PlanRequest } from '../../planning/deployment';
import { planClock, type PlatformClock } from '../../planning/platform-clock';
import { planRemoval } from '../../planning/removal';
import { planRollingUpdate } from '../../planning/rolling-update';
import type { Observed } from '../../planning/observed';
import type { RouteTraffic } from '../../planning/route';
import { resolveRunbookOptions } from '../../settings/runbook';
import {
  deploymentIdOf,
  taskQueues,
  type DeploymentOutcome,
  type DeploymentRequest,
  type DeploymentStatus,
  type RetirementRequest,
  type RunbookRequest,
  type UndoRequest,
  type Strategy,
} from '../../workflows/messages';
import { hookMethods, operationIdOf, type HookMethod, type OperationOutcome } from '../../workflows/operation-messages';
import { observed, release, request } from '../planning/zone';
import { namespaceOf } from '../temporal-setup';

type Activities = FileActivities & AwsActivities & AwsWaits & ProbeActivities & OperationActivities & BuilderActivities;
type Script = Partial<{ [Name in keyof Activities]: (...args: Parameters<Activities[Name]>) => unknown }>;

export interface Deployment {
  readonly handle: WorkflowHandle;
  /** What was called, e.g. `setRoute live green 100`, in order. */
  readonly calls: readonly string[];
  readonly status: () => Promise<DeploymentStatus>;
  /** Waits until the status is as wanted, and gives it. */
  readonly until: (wanted: (status: DeploymentStatus) => boolean) => Promise<DeploymentStatus>;
  readonly outcome: () => Promise<DeploymentOutcome>;
  /** What the Temporal UI lists beside each signal and update, e.g. `rollback: …`. */
  readonly listed: () => Promise<string[]>;
  /** Changes what activities do from now on. */
  readonly script: (changes: Script) => void;
}

export interface World {
  readonly client: Client;
  readonly deploy: (
    input: unknown,
    from?: Partial<Observed>,
    script?: Script,
    strategy?: Strategy,
  ) => Promise<Deployment>;
  /** Calls as the platform does; the runbook that the operation starts is scripted with it. */
  readonly call: (method: HookMethod, script?: Script, from?: Partial<Observed>) => Promise<Call>;
  readonly close: () => Promise<void>;
}

/** An operation of the platform. */
export interface Call {
  readonly handle: WorkflowHandle;
  /** As {@link Deployment.calls}, of the operation and of its runbook. */
  readonly calls: readonly string[];
  /** The answers that were written: an error's message, or `null` for success. */
  readonly answers: readonly (string | null)[];
  readonly outcome: () => Promise<OperationOutcome>;
  /** The runbook that it starts, once it does. */
  readonly deployment: Deployment;
}

/** Quick enough for tests, in the input so that no clock has to be bent. */
export const quick = { image: 'orders:2.0.0', bake: '0s', settle: '0s' } as const;

let deployments = 0;

interface Entry {
  readonly calls: string[];
  readonly script: Script;
  readonly from: Partial<Observed>;
  /** The workflow ID of the deployment that an operation starts. */
  readonly lock?: string;
}

export async function openWorld(): Promise<World> {
  const address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
  const connection = await Connection.connect({ address });
  const native = await NativeConnection.connect({ address });
  const namespace = namespaceOf(process.env['JEST_WORKER_ID']);
  const client = new Client({ connection, namespace });
  const running = new Map<string, Entry>();
  const activities = recordedActivities(() => {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    return running.get(workflowId) ?? { calls: [], script: {}, from: {} };
  });
  const workflowBundle = { codePath: join(__dirname, '../../lib/workflow-bundle.js') };
  const place = { connection: native, namespace };
  const workers = await Promise.all([
    Worker.create({ ...place, taskQueue: taskQueues.workflows, workflowBundle }),
    Worker.create({ ...place, taskQueue: taskQueues.aws, activities, maxHeartbeatThrottleInterval: '200ms' }),
    Worker.create({ ...place, taskQueue: taskQueues.files, activities }),
  ]);
  const runs = workers.map((worker) => worker.run());
  return {
    client,
    deploy: async (input, from = {}, script = {}, strategy = 'blueGreen') => {
      const workflowId = `production/Orders ${process.pid} ${++deployments}`;
      const entry = { calls: [] as string[], script, from };
      running.set(workflowId, entry);
      const handle = await client.workflow.start(strategy, {
        workflowId,
        taskQueue: taskQueues.workflows,
        args: input === undefined ? [] : [input],
      });
      return deploymentOf(handle, entry);
    },
    call: async (method, script = {}, from = {}) => {
      const application = `Orders ${process.pid} ${++deployments}`;
      const request = {
        zone: 'production',
        applicationName: application,
        applicationKey: randomUUID(),
        operationId: randomUUID(),
      };
      const lock = deploymentIdOf({ zone: 'production', application });
      const entry = { calls: [] as string[], script, from, lock };
      const workflowId = operationIdOf(method, request);
      running.set(workflowId, entry).set(lock, entry);
      const handle = await client.workflow.start(hookMethods[method].workflow, {
        workflowId,
        taskQueue: taskQueues.workflows,
        args: [request],
      });
      return {
        handle,
        calls: entry.calls,
        get answers() {
          return entry.calls.flatMap((call) => (call.startsWith('writeAnswer ') ? [answerOf(call)] : []));
        },
        outcome: () => handle.result() as Promise<OperationOutcome>,
        deployment: deploymentOf(client.workflow.getHandle(lock), entry),
      };
    },
    close: async () => {
      workers.forEach((worker) => worker.shutdown());
      await Promise.all(runs);
      await native.close();
      await connection.close();
    },
  };
}

const answerOf = (call: string) => JSON.parse(call.slice('writeAnswer '.length)) as string | null;

function deploymentOf(handle: WorkflowHandle, entry: { calls: string[]; script: Script }): Deployment {
  const status = () => handle.query<DeploymentStatus>('status');
  return {
    handle,
    calls: entry.calls,
    status,
    until: async (wanted) => {
      const givenUp = Date.now() + 120_000;
      for (;;) {
        const now = await status();
        if (wanted(now)) return now;
        if (Date.now() > givenUp)
          throw new Error(`It never came to that: ${JSON.stringify(now)}, ${await pending(handle)}`);
        if (now.outcome !== null) throw new Error(`It ended first: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    outcome: () => handle.result() as Promise<DeploymentOutcome>,
    listed: async () => {
      const { definition } = await handle.query<Metadata>('__temporal_workflow_metadata');
      const all = [...(definition?.signalDefinitions ?? []), ...(definition?.updateDefinitions ?? [])];
      return all.map(({ name, description }) => `${name}: ${description}`);
    },
    script: (changes) => Object.assign(entry.script, changes),
  };
}

type Metadata = temporal.api.sdk.v1.IWorkflowMetadata;

async function pending(handle: WorkflowHandle): Promise<string> {
  const { raw } = await handle.describe();
  return JSON.stringify(raw.pendingActivities);
}

function planRequest(asked: RunbookRequest): PlanRequest {
  const { runId = '' } = Context.current().info.workflowExecution ?? {};
  return { ...request(), runId, options: resolveRunbookOptions(asked) };
}

/** Every activity of the product by name: recorded, then scripted, else as in a world where all goes well. */
function recordedActivities(current: () => Entry) {
  const asWell: { [Name in keyof Activities]: (...args: never[]) => unknown } = {
    planBlueGreen: (asked: DeploymentRequest) => planBlueGreen(planRequest(asked), observed(current().from)),
    planRollingUpdate: (asked: DeploymentRequest) => planRollingUpdate(planRequest(asked), observed(current().from)),
    registerTaskDefinition: () => 'definition:7',
    createTargetGroup: () => 'group-green',
    setTargetGroup: () => undefined,
    setTargetGroupAttributes: () => undefined,
    confirmTargetGroups: () => undefined,
    setRoute: () => ({ changed: true }),
    setService: () => undefined,
    setDesiredCount: () => undefined,
    describeEvidence: () => ({ tasks: ['Task 123 stopped'], targets: [], events: [] }),
    planUndo: (asked: UndoRequest) => ({
      strategy: asked.strategy ?? 'blueGreen',
      plan: (asked.strategy === 'rollingUpdate' ? planRollingUpdate : planBlueGreen)(
        planRequest({ approval: 'none', ...asked }),
        observed({ ...current().from, release: release('0.9.0', ['Orders', 'OrdersAPI']) }),
      ),
    }),
    mountsConfigurations: () => false,
    publishConfiguration: () => null,
    describeConfiguration: () => null,
    examineFiles: () => [],
    describeCopies: () => [],
    describeConfigurationReferences: () => [],
    removeCopies: () => undefined,
    planUpdateConfiguration: (asked: RunbookRequest) => ({
      strategy: 'rollingUpdate',
      plan: planRollingUpdate(planRequest(asked), observed(current().from)),
    }),
    planRetirement: ({ service }: RetirementRequest): RetirementPlan => {
      const { site, options, live, testRoute } = planBlueGreen(planRequest({ image: '' }), observed(current().from));
      return { site, options, live, service, targetGroupArn: 'group-a', testRoute };
    },
    recordReturn: () => undefined,
    planRemoval: (asked: RunbookRequest) => {
      const { release: _, ...found } = observed(current().from);
      return planRemoval(planRequest({ approval: 'none', ...asked }), found, ['Orders', 'OrdersAPI']);
    },
    describeClock: (_zone: string, calledAtMs: number) => planClock(calledAtMs, 600_000),
    writeAnswer: () => undefined,
    buildImage: () => ({ image: 'orders:op', digest: null, modules: ['Orders', 'OrdersAPI'] }),
    prepareRelease: () => builtRelease,
    describeBuilt: () => builtRelease,
    planOperation: (_method: HookMethod, _request: unknown, clock: PlatformClock | null) => ({
      lock: current().lock ?? '',
      live: { slot: null, servedBy: 'platform-server', image: null, version: null },
      strategy: 'blueGreen',
      atOnce: 5,
      input: { ...hooked, ...(clock && { deadline: clock.deadline, commits: 'afterBake' }) },
    }),
    waitForTurn: () => ({ turn: 'taken' }),
    markAdopted: () => undefined,
    unmarkAdopted: () => undefined,
    settleAdoption: () => ({ deleted: 1 }),
    deleteService: () => undefined,
    deleteTargetGroup: () => undefined,
    waitForHandover: () => 'back',
    recordName: () => undefined,
    recordOutcome: () => undefined,
    rollService: () => undefined,
    holdRoll: () => undefined,
    waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }),
    watchModules: untilCancelled,
    describeReplicas: () => ({ desiredCount: 3, stoppedTasks: [] }),
    waitForReplicas: () => undefined,
    watchReplicas: untilCancelled,
    waitForDrained: () => undefined,
    verifyModules: () => undefined,
    describeReleases: () => ({ Orders: 'marker', OrdersAPI: 'marker' }),
    proveReleases: () => undefined,
  };
  const names = Object.keys(asWell) as (keyof Activities)[];
  return Object.fromEntries(
    names.map((name) => [
      name,
      async (...args: never[]) => {
        const { calls, script } = current();
        calls.push(describeCall(name, args));
        const scripted = script[name] as ((...given: never[]) => unknown) | undefined;
        return await beating(async () => await (scripted ?? asWell[name])(...args));
      },
    ]),
  );
}

/** What operations ask of runbooks, quick enough for tests. */
export const hooked = {
  by: 'the OutSystems platform',
  approval: 'none',
  onFailure: 'rollback',
  bake: '0s',
  settle: '0s',
};

const builtRelease = {
  image: 'orders:op@sha256:abc',
  modules: ['Orders', 'OrdersAPI'],
  taskDefinitionArn: 'definition:1',
};

function describeCall(name: string, args: readonly unknown[]): string {
  if (name === 'setRoute')
    return `setRoute ${(args[1] as { kind: string }).kind} ${describeTraffic(args[2] as RouteTraffic)}`;
  if (name === 'setDesiredCount') return `setDesiredCount ${String(args[1])} ${String(args[2])}`;
  if (name === 'rollService') return `rollService to ${(args[1] as { taskDefinitionArn: string }).taskDefinitionArn}`;
  if (name === 'recordOutcome') return `recordOutcome ${String(args[2])}`;
  if (name === 'deleteService' || name === 'deleteTargetGroup') return `${name} ${String(args[1])}`;
  if (name === 'removeCopies') return `removeCopies ${(args[1] as OwnedCopy[]).map(({ sha256 }) => sha256).join(' ')}`;
  if (name === 'writeAnswer') return `writeAnswer ${JSON.stringify((args[1] as { error: string | null }).error)}`;
  if (name === 'proveReleases') return `proveReleases ${(args[1] as { expected: string }).expected}`;
  return name;
}

const describeTraffic = (traffic: RouteTraffic) => (typeof traffic === 'string' ? traffic : `green ${traffic.green}`);

/** A failure that retries can't mend, as activities throw it. */
export const fails = (type: string, message: string) => () => {
  throw ApplicationFailure.nonRetryable(message, type);
};

/** All of the product's activities heartbeat, which is how they hear of a cancellation. */
async function beating<T>(activity: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = setInterval(() => context.heartbeat(), 100);
  try {
    return await activity();
  } finally {
    clearInterval(beat);
  }
}

/** A wait as the real ones are: it goes on until it is cancelled. */
export async function untilCancelled(): Promise<void> {
  await Context.current().cancelled;
}
