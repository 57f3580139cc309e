/**
 * ECS's rolling deployment of the live service: begun, watched replica by replica, and stopped where it is at the first sign of
 * failure. An old replica that ECS doesn't stop is left over: it answers beside the new ones, and people are told.
 */
import { ApplicationFailure, CancellationScope } from '@temporalio/workflow';
import type { RollProgress } from '../../contract/status';
import type { ServiceSettings } from '../../planning/observed/observed';
import type { RollBounds, RollingUpdatePlan } from '../../planning/plans/rolling-update';
import { aws, waits } from '../activities';
import type { Run } from '../engine/run';
import { awaitEach, ofEach, throughEach } from './listeners';
import { beforeThrough, proveServing, type ReleasesBefore } from './releases';

interface Roll {
  readonly to: string;
  /** The revision that the service may have when it begins. */
  readonly from: string;
  /** What the service is to be like, beside its bounds. */
  readonly settings: ServiceSettings | undefined;
  /** Done once ECS has been told. Default: nothing. */
  readonly begun?: () => Promise<void>;
  /** Fails when live traffic gets wrong answers; the way back goes on in spite of them. */
  readonly watch: () => Promise<void>;
  /** Whether its target groups must stay as they were found; the way back goes on in spite of a change. */
  readonly relies: boolean;
  /** Whether it brings back as many replicas as there were, where the service was scaled to none meanwhile: the way back does. */
  readonly revives: boolean;
}

/**
 * Returns when every replica that the service wants now is of this revision; a failure stops the roll where it is.
 * @returns the replicas of another revision that are left, and why
 */
export async function roll(run: Run, plan: RollingUpdatePlan, wanted: Roll): Promise<readonly string[]> {
  const { to, from, settings, begun, watch, relies, revives } = wanted;
  const { site, blue, bounds } = plan;
  const { desiredCount, stoppedTasks } = await aws.describeReplicas(site, blue.service);
  const begin = (within: RollBounds) =>
    aws.rollService(site, {
      service: blue.service,
      taskDefinitionArn: to,
      expected: [from],
      bounds: within,
      ...(settings && { settings, tags: plan.green.service.tags }),
    });
  await begin(bounds);
  await begun?.();
  if (revives && desiredCount === 0)
    await aws.setDesiredCount(site, { service: blue.service, atLeast: blue.desiredCount, expecting: to });
  let stuck: readonly string[] = [];
  const follows = ofEach(throughEach(plan), (one, at) => async () => {
    const replicas = replicasOf(one, to, stoppedTasks);
    for await (const seen of followRoll(one, replicas, relies)) {
      if (at !== 0) continue;
      run.recordRoll(seen);
      stuck = seen.stuck ?? [];
      run.tell(stuck.length > 0 ? `ECS doesn't stop ${stuck.join('; ')}. It is left over after a while.` : null);
      // What is left over is no replica of the new ones, which people wanted within these bounds.
      if (seen.room !== undefined) await begin({ ...bounds, maximumPercent: seen.room });
    }
  });
  try {
    await whileWatching(watch, () => awaitEach(follows));
    return stuck;
  } catch (error) {
    // Should this fail too, the first failure is still the one to report.
    await CancellationScope.nonCancellable(() => aws.holdRoll(site, blue.service)).catch(() => undefined);
    throw error;
  } finally {
    run.tell(null);
  }
}

type Replicas = ReturnType<typeof replicasOf>;

/** Until every replica is new, and healthy behind this load balancer. */
async function* followRoll(
  { site, blueTargetGroup }: RollingUpdatePlan,
  replicas: Replicas,
  relies: boolean,
): AsyncGenerator<RollProgress> {
  let seen: RollProgress | null = null;
  do {
    seen = await waits.waitForRollProgress(site, replicas, seen, relies ? blueTargetGroup : null);
    yield seen;
  } while (!seen.complete);
}

/** An old replica would answer 404 for what the release brings. */
export function refuseLacking({ paths, keptPaths }: RollingUpdatePlan, stuck: readonly string[]): void {
  const brought = paths.filter((path) => !keptPaths.includes(path));
  if (stuck.length === 0 || brought.length === 0) return;
  throw ApplicationFailure.nonRetryable(
    `ECS doesn't stop ${stuck.join('; ')}, and that lacks ${brought.join(', ')}: who is sent there would get 404. Retry once it has ended, or take the protection off (aws ecs update-task-protection) and retry; or roll back and deploy with the strategy blueGreen, which leaves it over by itself.`,
    'NoProgress',
  );
}

/** What was found out of a roll. */
interface Rolled {
  readonly releases?: ReleasesBefore;
  /** The replicas of the other release that are left. Default: none. */
  readonly stuck?: readonly string[];
}

/**
 * Proves through every listener who serves. Where replicas of the other release are left, answers are of both: the rules are read
 * back, and nothing else can be proven.
 */
export async function proveRolled(
  run: Run,
  plan: RollingUpdatePlan,
  { releases, stuck = [] }: Rolled,
  expected: 'blue' | 'green',
): Promise<void> {
  const traffic = expected === 'green' ? ({ blue: 0, green: 100 } as const) : 'before';
  for (const [at, one] of throughEach(plan).entries()) {
    const groups = groupsOf(one);
    if (stuck.length === 0) await proveServing(run, one, beforeThrough(releases, at), { expected, groups });
    else await aws.confirmRoute(one.site, { route: one.liveRoute, traffic, groups, retired: null });
  }
}

/** @param lacking modules that are served now and that the stuck replicas don't have */
export function noteStuck(
  run: Run,
  { blue }: RollingUpdatePlan,
  stuck: readonly string[] = [],
  lacking: readonly string[] = [],
): void {
  if (stuck.length === 0) return;
  const what = lacking.length === 0 ? '' : `, and 404 for ${lacking.join(', ')}`;
  run.note(
    `Left over of ${blue.service}: ${stuck.join('; ')}. Until it ends it answers beside the others, with another release${what}. Nothing waits for it.`,
  );
}

/** One replica at least, for the service may be scaled at any moment. */
export const replicasOf = (plan: RollingUpdatePlan, taskDefinitionArn: string, ignoredTasks: readonly string[]) => ({
  service: plan.blue.service,
  taskDefinitionArn,
  targetGroupArn: plan.blue.targetGroupArn,
  count: 1,
  ignoredTasks,
  timeoutMs: plan.startTimeoutMs,
});

/** Both releases serve from blue's target group. */
export const groupsOf = ({ blue }: RollingUpdatePlan) => ({ blue: blue.targetGroupArn, green: blue.targetGroupArn });

/** Ends with `body`, or with the failure of either; whichever still goes on then is cancelled, and over. */
async function whileWatching<T>(watch: () => Promise<void>, body: () => Promise<T>): Promise<T> {
  const scopes = [new CancellationScope(), new CancellationScope()] as const;
  const watched = scopes[0].run(watch);
  const done = scopes[1].run(body);
  try {
    return await Promise.race([done, watched.then(() => done)]);
  } finally {
    scopes.forEach((scope) => scope.cancel());
    await Promise.allSettled([watched, done]);
  }
}
