/** Which releases answer: asked before live traffic moves, and proven after it has. */
import { aws, probes, waits } from '../activities';
import { changed } from '../changes';
import type { Run } from '../engine/run';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { ExpectedReleases, Releases } from '../../planning/proof/answers';
import type { RouteTargetGroups, RouteTraffic } from '../../planning/routing/rule-states';

/** What answered on both routes before live traffic moved: the proof afterwards compares with it. */
export interface ReleasesBefore {
  readonly live: Releases;
  readonly test: Releases;
  /** Through the zone's other listeners, in their order. Default: it has no other. */
  readonly others?: readonly ReleasesBefore[];
}

/** From what each listener answered, the zone's first one first. */
export function beforeOf([own = { live: {}, test: {} }, ...others]: readonly ReleasesBefore[]): ReleasesBefore {
  return others.length === 0 ? own : { ...own, others };
}

/** Since when steps that always follow each other are one activity. */
export const stepsTogether = 'steps-together';

type Addresses = Pick<DeploymentPlan, 'liveAddress' | 'testAddress' | 'paths'>;

export async function describeReleasesBefore({ liveAddress, testAddress, paths }: Addresses): Promise<ReleasesBefore> {
  if (changed(stepsTogether)) {
    const [live = {}, test = {}] = await probes.describeEachReleases([liveAddress, testAddress], paths);
    return { live, test };
  }
  return {
    live: await probes.describeReleases(liveAddress, paths),
    test: await probes.describeReleases(testAddress, paths),
  };
}

/** The same through every listener, the zone's first one first. */
export async function describeEachBefore([first, ...others]: readonly [
  Addresses,
  ...Addresses[],
]): Promise<ReleasesBefore> {
  const before = await describeReleasesBefore(first);
  if (others.length === 0) return before;
  const beside: ReleasesBefore[] = [];
  for (const other of others) beside.push(await describeReleasesBefore(other));
  return { ...before, others: beside };
}

/** What answered through the listener at this place. */
export const beforeThrough = (before: ReleasesBefore | undefined, at: number): ReleasesBefore | undefined =>
  at === 0 ? before : before?.others?.[at - 1];

/** Those of the paths that probes can ask for on the live route: the others let nobody through who has no session. */
export const askable = (paths: readonly string[], { live }: ReleasesBefore): string[] =>
  paths.filter((path) => typeof live[path] !== 'object' || live[path] === null);

/** How live traffic has moved, and what must answer now. */
export interface MovedTraffic {
  readonly releases: ExpectedReleases;
  /** What the rules were given. */
  readonly traffic: RouteTraffic;
  readonly groups: RouteTargetGroups;
  /** The target group that traffic has left; `null` where others are served from it too. */
  readonly from: string | null;
  readonly to: string | null;
}

/**
 * Asks every address of the load balancer for the release marker of every module. Where nobody is answered without a session, the
 * rules are read back and the load balancer's own counts are waited for.
 */
export async function proveMoved(
  run: Run,
  { site, liveAddress, liveRoute }: Pick<DeploymentPlan, 'site' | 'liveAddress' | 'liveRoute'>,
  { releases, traffic, groups, from, to }: MovedTraffic,
): Promise<void> {
  const answer = await probes.proveReleases(liveAddress, releases);
  // Earlier versions answered nothing.
  const guarded = (answer as typeof answer | null | undefined)?.guarded ?? [];
  if (guarded.length === 0 || !changed('proof-behind-logins')) return;
  await aws.confirmRoute(site, { route: liveRoute, traffic, groups, retired: null });
  const { listenerArn } = liveRoute;
  run.recordProof('served', await waits.waitForMovedTraffic(site, { listenerArn, from, to, paths: guarded }));
}

/** Before traffic moved, blue answered on the live route and green on the test route; where nothing was asked, nothing has moved. */
export async function proveServing(
  run: Run,
  plan: DeploymentPlan,
  before: ReleasesBefore | undefined,
  { expected, groups }: { readonly expected: 'blue' | 'green'; readonly groups: RouteTargetGroups },
): Promise<void> {
  // At another port of the service nobody knows what to ask for: its targets are healthy, and its rules are read back.
  if (!before || plan.paths.length === 0) return;
  const behindLogin = plan.behindLogin?.paths ?? [];
  const releases = { blue: before.live, green: before.test, expected, behindLogin };
  const isShared = plan.blue.kind === 'platformServer';
  await proveMoved(run, plan, {
    releases,
    groups,
    ...(expected === 'green'
      ? { traffic: { blue: 0, green: 100 }, from: isShared ? null : groups.blue, to: groups.green }
      : { traffic: 'before', from: groups.green, to: groups.blue }),
  });
}
