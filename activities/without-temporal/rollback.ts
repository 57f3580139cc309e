/**
 * `cutover rollback --without-temporal`: gives traffic back to what served before, by the activities that a worker would run, with
 * the operator's own AWS credentials. Nothing of it is in any history: the run that goes on later finds rules that somebody changed.
 */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentIdOf } from '../../contract/ids';
import { describeReturn } from '../../planning/returning/description';
import { returned, type ReturnPlan, type ReturnThrough } from '../../planning/returning/return';
import { conditionsOf } from '../../settings/applications/zone';
import type { Settings } from '../../settings/schema';
import { awsActivities, awsWaits } from '../aws';
import { awsClients } from '../aws/client/clients';
import { planReturnOf } from '../aws/plans/return';
import { releaseProbes } from '../probes/releases';
import { runActivity, type Caller } from './activity-context';

/** A way back that was found, and hasn't been gone. */
export interface FoundReturn {
  readonly plan: ReturnPlan;
  /** What would be written, a line each; empty where everything is as it would be. */
  readonly changes: readonly string[];
  /**
   * Goes it, in the order of a rollback: replicas first, then rules, time to settle, and the proof.
   * @returns how it was proven, as sentences; none where every module answered for itself
   */
  readonly perform: () => Promise<string[]>;
}

/**
 * Effect: none.
 * @param say hears each step, and how far waits are
 * @throws {ApplicationFailure} with a sentence, when there is nothing to go back to or it can't be told for certain
 */
export async function findReturn(
  settings: Settings,
  target: { readonly zone: string; readonly application: string },
  say: (line: string) => void,
): Promise<FoundReturn> {
  const caller = { workflowId: deploymentIdOf(target), runId: `without-temporal-${randomUUID()}`, report: say };
  const aws = {
    clientsOf: awsClients({ conditions: () => conditionsOf(settings) }),
    settings: () => settings,
    pollMs: settings.awsRates.pollInterval,
    earlierRuns: () => Promise.resolve({ areAllKnown: true }),
  };
  const plan = await runActivity(caller, () => planReturnOf(aws, caller.workflowId, caller.runId));
  const activities = { ...awsActivities(aws), ...awsWaits(aws) };
  return { plan, changes: describeReturn(plan), perform: () => perform(plan, activities, caller) };
}

type Activities = ReturnType<typeof awsActivities> & ReturnType<typeof awsWaits>;

async function perform(plan: ReturnPlan, aws: Activities, caller: Caller): Promise<string[]> {
  const { site, through, settleMs } = plan;
  const run = <T>(activity: () => Promise<T>) => runActivity(caller, activity);
  const left = await describeLeft(plan, caller);
  await startReplicas(plan, aws, caller);
  caller.report('Traffic goes back.');
  const moves = through.map(({ liveRoute, groups }) => ({ route: liveRoute, groups }));
  await run(() => aws.setRoutes(site, moves, returned));
  caller.report('The rules reach every node of the load balancer.');
  await sleep(settleMs);
  const proofs: string[] = [];
  for (const [at, one] of through.entries()) proofs.push(...(await prove(plan, one, left[at] ?? {}, { aws, caller })));
  return proofs;
}

/** What the release that is left answers for itself, through every listener, before traffic leaves it. */
const describeLeft = async ({ through, paths }: ReturnPlan, caller: Caller) =>
  await Promise.all(
    through.map(({ leftAt, port }) =>
      // At another port nobody knows what to ask for.
      runActivity(caller, async () => (port === undefined ? await releaseProbes.describeReleases(leftAt, paths) : {})),
    ),
  );

/** Replicas must be healthy before requests go to them, and to be healthy they must be behind the load balancer. */
async function startReplicas({ site, blue, through }: ReturnPlan, aws: Activities, caller: Caller): Promise<void> {
  if (!blue) return;
  const run = <T>(activity: () => Promise<T>) => runActivity(caller, activity);
  const { service, taskDefinitionArn, count, startTimeoutMs: timeoutMs } = blue;
  const attached = { ...returned, keepBlue: true };
  for (const { attaches, testRoute, groups } of through)
    if (attaches) await run(() => aws.setRoute(site, testRoute, attached, groups));
  const { stoppedTasks: ignoredTasks } = await run(() => aws.describeReplicas(site, service));
  await run(() => aws.setDesiredCount(site, { service, atLeast: count, expecting: taskDefinitionArn }));
  for (const { groups } of through) {
    const targetGroupArn = groups.green;
    await run(() =>
      aws.waitForReplicas(site, { service, taskDefinitionArn, targetGroupArn, count, ignoredTasks, timeoutMs }),
    );
  }
}

/** As a rollback proves it: no module answers as the release that was left any more. */
async function prove(
  { site, sameRelease }: ReturnPlan,
  { liveRoute, liveAddress, groups, port }: ReturnThrough,
  left: Awaited<ReturnType<typeof releaseProbes.describeReleases>>,
  { aws, caller }: { readonly aws: Activities; readonly caller: Caller },
): Promise<string[]> {
  const run = <T>(activity: () => Promise<T>) => runActivity(caller, activity);
  const releases = { green: left, blue: sameRelease ? left : {}, expected: 'blue' as const };
  const { guarded } =
    port === undefined ? await run(() => releaseProbes.proveReleases(liveAddress, releases)) : { guarded: [] };
  await run(() => aws.confirmRoute(site, { route: liveRoute, traffic: returned, groups, retired: null }));
  if (guarded.length === 0) return [];
  const to = groups.green === '' ? null : groups.green;
  const moved = { listenerArn: liveRoute.listenerArn, from: groups.blue, to, paths: guarded };
  return [await run(() => aws.waitForMovedTraffic(site, moved))];
}
