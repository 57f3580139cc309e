/** Runbooks on a real Temporal server, with activities that a test scripts (scripted-activities.ts). */
import { Client, Connection, type DataConverter, type WorkflowHandle } from '@temporalio/client';
import { NativeConnection, Worker, type WorkerOptions } from '@temporalio/worker';
import { Context } from '@temporalio/activity';
import type { temporal } from '@temporalio/proto';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Observed } from '../../planning/observed/observed';
import { deploymentIdOf, taskQueues, zoneQueueOf, type WorkerKind } from '../../contract/ids';
import type { DeploymentOutcome, DeploymentStatus, Runbook } from '../../contract/status';
import {
  hookMethods,
  hookCallIdOf,
  type HookMethod,
  type HookCallOutcome,
  type HookCallRequest,
} from '../../contract/hook-calls';
import { versioned } from '../../worker/versions/build-id';
import { namespaceOf } from '../temporal-setup';
import { recordedActivities, type Entry, type Script } from './scripted-activities';

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
    strategy?: Runbook,
  ) => Promise<Deployment>;
  /** Calls as the platform does; the runbook that the call starts is scripted with it. */
  readonly call: (
    method: HookMethod,
    script?: Script,
    from?: Partial<Observed>,
    request?: Partial<HookCallRequest>,
  ) => Promise<Call>;
  readonly close: () => Promise<void>;
}

/** A call of the platform. */
export interface Call {
  readonly handle: WorkflowHandle;
  /** What was called by it and by its runbook, in order, as in {@link Deployment.calls}. */
  readonly calls: readonly string[];
  /** The answers that were written: an error's message, or `null` for success. */
  readonly answers: readonly (string | null)[];
  readonly outcome: () => Promise<HookCallOutcome>;
  /** The runbook that it starts, once it does. */
  readonly deployment: Deployment;
}

/** Quick enough for tests, in the input so that no clock has to be bent. */
export const quick = { image: 'orders:2.0.0', bake: '0s', settle: '0s' } as const;

let deployments = 0;

/** What has been started, by its workflow ID: two worlds on one server may work on it. */
const running = new Map<string, Entry>();

/** By default the shared server, the namespace of jest's own worker, and workers of the bundle that was built, without a version. */
export interface WorldOptions {
  readonly address?: string;
  readonly namespace?: string;
  readonly bundle?: string;
  readonly buildId?: string;
  /** Of this world's workers and client. Default: plain JSON. */
  readonly dataConverter?: DataConverter;
  /** How many activities of a kind its workers have room for; default 100. */
  readonly room?: Partial<Record<WorkerKind, number>>;
  /** Around what its workers do. */
  readonly interceptors?: WorkerOptions['interceptors'];
  /** The zone whose work alone it takes, from queues of the zone's own. */
  readonly apart?: string;
  /** Activities that this world's workers have besides, or instead. */
  readonly activities?: Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;
}

export const builtBundle = join(__dirname, '../../lib/workflow-bundle.js');

/** The ordinary one, which test files that are loaded together share. */
let ordinary: { readonly opening: Promise<World>; users: number } | undefined;

/** @param options where there are any, the world is its caller's alone */
export async function openWorld(options?: WorldOptions): Promise<World> {
  if (options !== undefined) return await openOwnWorld(options);
  const shared = (ordinary ??= { opening: openOwnWorld(), users: 0 });
  shared.users++;
  const world = await shared.opening;
  return {
    ...world,
    close: async () => {
      shared.users--;
      if (shared.users > 0) return;
      ordinary = undefined;
      await world.close();
    },
  };
}

async function openOwnWorld({
  address = process.env['TEST_TEMPORAL_ADDRESS'] ?? '',
  namespace = namespaceOf(process.env['JEST_WORKER_ID']),
  bundle = builtBundle,
  buildId,
  dataConverter = {},
  room = {},
  interceptors = {},
  apart,
  activities: others,
}: WorldOptions = {}): Promise<World> {
  const connection = await Connection.connect({ address, connectTimeout: '1m' });
  const native = await NativeConnection.connect({ address });
  const client = new Client({ connection, namespace, dataConverter });
  const recorded = recordedActivities(() => {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    const [, deployment] = /^countersign\/(.*)\/[^/]+$/.exec(workflowId) ?? [];
    return running.get(deployment ?? workflowId) ?? { calls: [], script: {}, from: {} };
  });
  const activities = { ...recorded, ...others };
  const workflowBundle = { codePath: bundle };
  const common = {
    connection: native,
    namespace,
    dataConverter,
    interceptors,
    ...(buildId !== undefined && versioned(buildId)),
  };
  const workers = await Promise.all([
    ...(apart === undefined ? [Worker.create({ ...common, taskQueue: taskQueues.workflows, workflowBundle })] : []),
    ...Object.entries(taskQueues).flatMap(([kind, taskQueue]) =>
      kind === 'workflows'
        ? []
        : Worker.create({
            ...common,
            taskQueue: apart === undefined ? taskQueue : zoneQueueOf(taskQueue, apart),
            activities,
            maxHeartbeatThrottleInterval: '200ms',
            maxConcurrentActivityTaskExecutions: room[kind as WorkerKind] ?? 100,
          }),
    ),
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
    call: async (method, script = {}, from = {}, asked = {}) => {
      const request = {
        zone: 'production',
        applicationName: `Orders ${process.pid} ${++deployments}`,
        applicationKey: randomUUID(),
        operationId: randomUUID(),
        ...asked,
      };
      const lock = deploymentIdOf({ zone: request.zone, application: request.applicationName });
      const entry = { calls: [] as string[], script, from, lock };
      const workflowId = hookCallIdOf(method, request);
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
        outcome: () => handle.result() as Promise<HookCallOutcome>,
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
      // What takes long is asked more and more seldom: a query costs the server and the worker more than a test's patience.
      for (let pauseMs = 20; ; pauseMs = Math.min(200, 1.5 * pauseMs)) {
        const now = await status();
        if (wanted(now)) return now;
        if (Date.now() > givenUp)
          throw new Error(`It never came to that: ${JSON.stringify(now)}, ${await pending(handle)}`);
        if (now.outcome !== null) throw new Error(`It ended first: ${JSON.stringify(now)}`);
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
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
