/** The product's activities as a test scripts them: each is recorded, and does what the test says instead of calling AWS. */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ApprovalActivities } from '../../activities/approvals/index';
import type { AwsActivities, AwsWaits } from '../../activities/aws';
import type { WantedScaling } from '../../activities/aws/scaling/scaling-moves';
import type { WantedCount } from '../../activities/aws/ecs/services';
import { looksTogether, stepsTogether } from '../../activities/aws/together';
import { looksTogether as probesTogether } from '../../activities/probes/together';
import type { BuilderActivities } from '../../activities/builders';
import type { CutActivities } from '../../activities/cut';
import type { FileActivities } from '../../activities/files';
import type { GateActivities } from '../../activities/gates/index';
import type { HookActivities } from '../../activities/hooks/index';
import type { OwnedCopy } from '../../activities/files/configuration-copies';
import type { ProbeActivities } from '../../activities/probes';
import { planBlueGreen } from '../../planning/plans/deployment';
import type { PlanRequest } from '../../planning/plans/plan-request';
import { planClock, type PlatformClock } from '../../planning/platform-clock';
import { planRemoval } from '../../planning/plans/removal';
import type { RetirementPlan } from '../../planning/plans/retirement';
import { planRollingUpdate } from '../../planning/plans/rolling-update';
import type { Observed } from '../../planning/observed/observed';
import type { RouteTraffic } from '../../planning/routing/rule-states';
import { resolveRunbookOptions } from '../../settings/runbook';
import type { DeploymentRequest, RetirementRequest, RunbookRequest } from '../../contract/runbook-requests';
import type { HookMethod } from '../../contract/hook-calls';
import { observed, release, request } from '../planning/zone';

/** Made of others, as the product's are: a test sees and scripts what they are made of. */
type Together =
  | keyof ReturnType<typeof stepsTogether>
  | keyof ReturnType<typeof looksTogether>
  | keyof ReturnType<typeof probesTogether>
  | keyof CutActivities
  | 'describeEachReleases';
type Activities = FileActivities &
  AwsActivities &
  AwsWaits &
  ProbeActivities &
  GateActivities &
  CutActivities &
  HookActivities &
  BuilderActivities &
  ApprovalActivities;
/** What activities do instead. */
export type Script = Partial<{ [Name in keyof Activities]: (...args: Parameters<Activities[Name]>) => unknown }> & {
  /** Whether the answer to a call is lost, which has had its effect. Default: none is. */
  readonly isLost?: (name: string, call: string) => boolean;
};

/** What an activity finds out about the run that calls it. */
export interface Entry {
  readonly calls: string[];
  readonly script: Script;
  readonly from: Partial<Observed>;
  /** The workflow ID of the deployment that a call of the platform starts. */
  readonly lock?: string;
}

export function planRequest(asked: RunbookRequest | DeploymentRequest): PlanRequest {
  const { runId = '' } = Context.current().info.workflowExecution ?? {};
  return { ...request(), runId, options: resolveRunbookOptions(asked) };
}

/** Every activity of the product by name: recorded, then scripted, else as in a world where all goes well. */
export function recordedActivities(current: () => Entry) {
  const asWell: { [Name in Exclude<keyof Activities, Together>]: (...args: never[]) => unknown } = {
    planBlueGreen: (asked: DeploymentRequest) => planBlueGreen(planRequest(asked), observed(current().from)),
    planRollingUpdate: (asked: DeploymentRequest) => planRollingUpdate(planRequest(asked), observed(current().from)),
    registerTaskDefinition: () => 'definition:7',
    createTargetGroup: (_site: unknown, { name }: { name: string }) =>
      /-[ab]$/.test(name) ? 'group-green' : 'group-green-too',
    setTargetGroup: () => undefined,
    setTags: () => undefined,
    setFailureDetection: () => undefined,
    setTargetGroupAttributes: () => undefined,
    confirmTargetGroups: () => undefined,
    setRoute: () => undefined,
    setRoutes: () => undefined,
    confirmRoute: () => undefined,
    setService: () => undefined,
    setDesiredCount: () => undefined,
    makeScaling: () => undefined,
    setScaling: () => undefined,
    removeScaling: () => undefined,
    moveAlarms: () => undefined,
    describeEvidence: () => ({ tasks: ['Task 123 stopped'], targets: [], events: [] }),
    planUndo: (asked: RunbookRequest) => ({
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
    enterTurns: () => ({ turn: 'taken' }),
    describeEnded: () => [],
    isForward: () => true,
    waitForTurn: () => ({ turn: 'taken' }),
    markAdopted: () => undefined,
    unmarkAdopted: () => undefined,
    settleAdoption: () => undefined,
    deleteService: () => undefined,
    deleteTargetGroup: () => undefined,
    waitForHandover: () => 'back',
    recordName: () => undefined,
    weighApprovals: () => nobodyAsked(),
    weighCountersignature: () => nobodyAsked(),
    recordApprovals: () => undefined,
    recordCountersignature: () => undefined,
    recordOutcome: () => undefined,
    rollService: () => undefined,
    holdRoll: () => undefined,
    waitForRollProgress: () => ({ new: 3, starting: 0, old: 0, draining: 0, complete: true }),
    watchModules: untilCancelled,
    watchVerified: untilCancelled,
    describeReplicas: () => ({ desiredCount: 3, runningCount: 3, stoppedTasks: [] }),
    waitForReplicas: () => undefined,
    watchReplicas: untilCancelled,
    waitForDrained: () => undefined,
    verifyModules: () => undefined,
    describeReleases: () => ({ Orders: 'marker', OrdersAPI: 'marker' }),
    proveReleases: () => ({ guarded: [] }),
    waitForMovedTraffic: () => 'Proven by counts.',
    examineGates: () => ({ standings: [], asks: null, accepted: [] }),
    judgeGates: (_judged: unknown, until: string) => (until === 'passing' ? [] : untilCancelled()),
  };
  const done = new Set<string>();
  const names = Object.keys(asWell) as (keyof typeof asWell)[];
  const recorded = Object.fromEntries(
    names.map((name) => [
      name,
      async (...args: never[]) => {
        const { calls, script } = current();
        const call = formatCall(name, args);
        const { attempt, activityId, workflowExecution } = Context.current().info;
        const own = `${workflowExecution?.runId} ${activityId} ${call}`;
        // What is made of several begins with the first again, which is done already.
        if (attempt === 1 || !done.has(own)) calls.push(call);
        const scripted = script[name] as ((...given: never[]) => unknown) | undefined;
        const result = await beating(async () => await (scripted ?? asWell[name])(...args));
        if (script.isLost?.(name, own)) throw new Error('Nobody answered.');
        done.add(own);
        return result;
      },
    ]),
  );
  return {
    ...recorded,
    cutAtOnce: async (...args: Parameters<CutActivities['cutAtOnce']>) =>
      await (current().script.cutAtOnce ?? cutOf(recorded))(...args),
    ...stepsTogether(recorded as never),
    ...looksTogether(recorded as never),
    ...probesTogether(recorded as never),
    describeEachReleases: async (routes: readonly unknown[], paths: unknown) => {
      const found: unknown[] = [];
      for (const route of routes) found.push(await recorded['describeReleases']?.(...([route, paths] as never[])));
      return found;
    },
  };
}

type Recorded = Readonly<Record<string, (...args: never[]) => Promise<unknown>>>;

/** What the cut at once looks at and writes, one after the other. */
const cutOf =
  (recorded: Recorded): CutActivities['cutAtOnce'] =>
  async (site, each, { relied, wanted, like, counts = [] }, { moves, traffic }) => {
    const call = async (name: string, ...args: unknown[]) => await recorded[name]?.(...(args as never[]));
    const left = (why: string) => ({ why, isUntouched: Context.current().info.attempt === 1 });
    const write = async () => {
      for (const { targetGroupArn, attributes } of counts)
        await call('setTargetGroupAttributes', site, targetGroupArn, attributes);
      await call('setDesiredCount', site, wanted);
    };
    try {
      for (const { green, blue } of relied) await call('confirmTargetGroups', site, green, blue);
      const blue = like === null ? undefined : await call('describeReplicas', site, like);
      const { desiredCount = 0 } = (blue ?? {}) as { desiredCount?: number };
      if (desiredCount > wanted.atLeast) return left('Blue wants more.');
    } catch (error) {
      Context.current().cancellationSignal.throwIfAborted();
      return left(String(error));
    }
    await write();
    try {
      for (const { site: own, replicas, paths, testAddress, verification } of each) {
        await call('waitForReplicas', own, replicas);
        if (paths.length > 0) await call('verifyModules', testAddress, paths, verification);
      }
    } catch (error) {
      Context.current().cancellationSignal.throwIfAborted();
      return left(String(error));
    }
    const [{ route, groups }, ...others] = moves;
    await (others.length === 0
      ? call('setRoute', site, route, traffic, groups)
      : call('setRoutes', site, moves, traffic));
    return null;
  };

/** Only where a test's settings name approvers. */
function nobodyAsked(): never {
  throw ApplicationFailure.nonRetryable('No settings name approvers.', 'InvalidRequest');
}

/** The input that hook calls give to runbooks, quick enough for tests. */
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

const failoverCount = 'target_group_health.dns_failover.minimum_healthy_targets.count';

function formatCall(name: string, args: readonly unknown[]): string {
  if (name === 'setRoute')
    return `setRoute ${(args[1] as { kind: string }).kind} ${formatTraffic(args[2] as RouteTraffic)}`;
  if (name === 'setRoutes') {
    const moves = args[1] as { route: { kind: string } }[];
    return `setRoutes ${moves.map(({ route }) => route.kind).join(' and ')} ${formatTraffic(args[2] as RouteTraffic)}`;
  }
  if (name === 'setTargetGroupAttributes')
    return `count ${String(args[1])} ${(args[2] as Record<string, string>)[failoverCount] ?? 'as it was'}`;
  if (name === 'setDesiredCount') return `setDesiredCount ${formatCount(args[1] as WantedCount)}`;
  if (name === 'makeScaling') return `makeScaling ${(args[2] as { service: string }).service}`;
  if (name === 'setScaling') return `setScaling ${formatScaling(args[1] as WantedScaling)}`;
  if (name === 'moveAlarms') return `moveAlarms ${String(args[1])} to ${String(args[2])}`;
  if (name === 'removeScaling') return `removeScaling ${String(args[1])}`;
  if (name === 'rollService') return `rollService to ${(args[1] as { taskDefinitionArn: string }).taskDefinitionArn}`;
  if (name === 'recordOutcome') return `recordOutcome ${String(args[2])}`;
  if (name === 'deleteService' || name === 'deleteTargetGroup') return `${name} ${String(args[1])}`;
  if (name === 'removeCopies') return `removeCopies ${(args[1] as OwnedCopy[]).map(({ sha256 }) => sha256).join(' ')}`;
  if (name === 'writeAnswer') return `writeAnswer ${JSON.stringify((args[1] as { error: string | null }).error)}`;
  if (name === 'judgeGates') return `judgeGates until ${String(args[1])}`;
  if (name === 'proveReleases') return `proveReleases ${(args[1] as { expected: string }).expected}`;
  return name;
}

const formatCount = (wanted: WantedCount) =>
  `${wanted.service} ${'atLeast' in wanted ? wanted.atLeast : wanted.desiredCount}`;

const formatScaling = ({ service, minimum, suspended }: WantedScaling) =>
  [
    service,
    ...(minimum === undefined ? [] : [`from ${minimum}`]),
    ...(suspended?.DynamicScalingInSuspended === true ? ['but not in'] : []),
  ].join(' ');

const formatTraffic = (traffic: RouteTraffic) => (typeof traffic === 'string' ? traffic : `green ${traffic.green}`);

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

/** Whether an activity changes something, which its name says: the verbs of reads are these. */
export const changesSomething = Object.assign(
  (name: string): boolean =>
    !/^(confirm|describe|examine|is|judge|mounts|plan|prove|verify|waitFor|watch|weigh)/.test(name),
  {
    /** Every activity by name, but those that are made of others. */
    names: Object.keys(recordedActivities(() => ({ calls: [], script: {}, from: {} }))).filter(
      (name) =>
        !['cutAtOnce', ...Object.keys(stepsTogether({} as never)), ...Object.keys(looksTogether({} as never))].includes(
          name,
        ),
    ),
  },
);
