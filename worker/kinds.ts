/** The workers of a process: one for each kind of work, with room of its own. */
import { Worker, type NativeConnection, type WorkerOptions } from '@temporalio/worker';
import { getHeapStatistics } from 'node:v8';
import { approvalActivities } from '../activities/approvals';
import { newsActivities, newsQuestions } from '../activities/news';
import { auditActivities, auditDescriptions } from '../activities/audit';
import { awsActivities, awsWaits } from '../activities/aws';
import type { AwsDependencies } from '../activities/aws/dependencies';
import { awsDescriptions } from '../activities/aws/questions/index';
import { builderActivities } from '../activities/builders';
import { cutActivities } from '../activities/cut';
import { fileActivities } from '../activities/files';
import { gateActivities } from '../activities/gates';
import { hookActivities, type HookDependencies } from '../activities/hooks/index';
import { lifeTimeActivities, type LifeTimeDependencies } from '../activities/lifetime/index';
import { probeActivities } from '../activities/probes';
import { taskQueues, zoneQueueOf, type WorkerKind } from '../contract/ids';

export const workerKinds = Object.keys(taskQueues) as readonly WorkerKind[];

/**
 * How many activities of each kind a process does at once. A wait costs a timer and a share of one read in some seconds, a write a
 * connection, and a sign of life each second, which Temporal has to store: so there are no more than AWS's rates let through. A
 * question reads a whole zone.
 */
export const slots = { aws: 50, waits: 4_000, questions: 50, files: 100, builds: 20 } as const satisfies Record<
  Exclude<WorkerKind, 'workflows'>,
  number
>;

/**
 * How soon the death of a worker is noticed: see docs/decisions/0004-crash-timing.md. One that is asked to stop ends its waits at
 * once, and another takes them over; it finishes what it is writing, which must take less than the force time.
 */
const common = {
  shutdownGraceTime: 0,
  shutdownForceTime: '20s',
  maxHeartbeatThrottleInterval: '1s',
  defaultHeartbeatThrottleInterval: '1s',
} as const satisfies Partial<WorkerOptions>;

/** Each sign of life is a write of Temporal's, so waits give one as seldom as their time-outs allow: after four fifths of them. */
export const seldomBeating = { maxHeartbeatThrottleInterval: '72s' } as const satisfies Partial<WorkerOptions>;

const mebibyte = 1024 ** 2;

/**
 * A workflow that waits in the cache costs a fifth of a MiB and a deployment in the midst of it half a one; one that isn't there
 * is replayed when it goes on. Half of what the process may have is for them.
 */
export const cachedWorkflows = (heapLimitBytes = getHeapStatistics().heap_size_limit): number =>
  Math.max(50, Math.min(2_000, Math.floor(heapLimitBytes / mebibyte)));

type Shared = Pick<
  WorkerOptions,
  'namespace' | 'identity' | 'dataConverter' | 'interceptors' | 'workerDeploymentOptions'
> & { readonly connection: NativeConnection };

/** What a process takes. */
export interface Taken {
  /** Default: every kind. */
  readonly kinds?: readonly WorkerKind[];
  /** The zones, each with workers of its own, whose work it takes alone. Default: those that have none. */
  readonly zones?: readonly string[] | undefined;
}

export async function createWorkers(
  shared: Shared,
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>,
  dependencies: AwsDependencies & HookDependencies & LifeTimeDependencies,
  takes: Taken = {},
): Promise<Worker[]> {
  return await createWorkersOf(shared, workflowBundle, activitiesOf(dependencies), takes);
}

type ActivitiesOf = Readonly<Record<Exclude<WorkerKind, 'workflows'>, object>>;

/** The same, whatever the activities do. */
export async function createWorkersOf(
  shared: Shared,
  workflowBundle: NonNullable<WorkerOptions['workflowBundle']>,
  activities: ActivitiesOf,
  { kinds = workerKinds, zones }: Taken = {},
): Promise<Worker[]> {
  const options: Readonly<Record<WorkerKind, Partial<WorkerOptions>>> = {
    workflows: {
      workflowBundle,
      stickyQueueScheduleToStartTimeout: '2s',
      maxCachedWorkflows: cachedWorkflows(),
    },
    aws: { activities: activities.aws },
    waits: { activities: activities.waits, ...seldomBeating },
    questions: { activities: activities.questions },
    files: { activities: activities.files },
    builds: { activities: activities.builds },
  };
  return await Promise.all(
    queuesOf(kinds, zones).map(([kind, taskQueue]) =>
      Worker.create({
        ...shared,
        ...common,
        taskQueue,
        ...(kind !== 'workflows' && { maxConcurrentActivityTaskExecutions: slots[kind] }),
        ...options[kind],
      }),
    ),
  );
}

/** The task queues of a process, each with its kind. */
const queuesOf = (kinds: readonly WorkerKind[], zones: readonly string[] | undefined) =>
  kinds.flatMap((kind) =>
    zones === undefined
      ? [[kind, taskQueues[kind]] as const]
      : zones.map((zone) => [kind, zoneQueueOf(taskQueues[kind], zone)] as const),
  );

/** What each kind does; and of `aws` and `files` also what deployments ask there that began when these were the only two. */
function activitiesOf(dependencies: AwsDependencies & HookDependencies & LifeTimeDependencies): ActivitiesOf {
  const questions = {
    ...awsDescriptions(dependencies),
    ...auditDescriptions(dependencies),
    ...newsQuestions(dependencies),
  };
  const waits = {
    ...awsWaits(dependencies),
    ...probeActivities(dependencies),
    ...hookActivities(dependencies),
    ...gateActivities(dependencies),
    ...newsActivities(dependencies),
    ...lifeTimeActivities(dependencies),
    ...questions,
  };
  const builds = builderActivities(dependencies);
  return {
    waits,
    builds,
    questions,
    aws: {
      ...waits,
      ...awsActivities(dependencies),
      ...cutActivities(dependencies),
      ...approvalActivities(dependencies),
      ...auditActivities(dependencies),
    },
    files: { ...fileActivities(dependencies), ...builds },
  };
}
