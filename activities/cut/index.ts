/**
 * The cut at once: where one look finds green as it was verified, live traffic moves in the same activity, so that whoever approves
 * doesn't wait for what was looked at all the time. Where it doesn't, nothing of live traffic is touched, and the longer look that has
 * patience decides.
 */
import { Context } from '@temporalio/activity';
import type { Releases } from '../../planning/proof/answers';
import type { RouteTraffic } from '../../planning/routing/rule-states';
import type { Site } from '../../planning/site';
import type { AwsClients } from '../aws/client/clients';
import { writing, type AwsDependencies } from '../aws/dependencies';
import { allHealthy, type ObservedReplicas } from '../aws/ecs/replica-health';
import { describeService, serviceActivities } from '../aws/ecs/services';
import { describeDrift } from '../aws/elb/drift';
import { heldToSettings } from '../aws/held/index';
import { findMoves, writeMoves, type RouteMove } from '../aws/elb/rule-set';
import { describeTargets, targetGroupActivities } from '../aws/elb/target-groups';
import { settingsOfPlan } from '../../planning/plans/target-group';
import type { ConfirmedCount } from '../aws/together';
import { eachHeartbeating } from '../polling';
import { ownRoutes, type OwnRoute, type ProbeDependencies } from '../probes/own-routes';
import { releaseProbes } from '../probes/releases';
import { askTarget } from '../probes/replicas';
import { healthPage, roundsOf, type Answered } from '../probes/rounds';
import { refuseMore, type CutThrough } from '../probes/together';

/** Green behind one load balancer, and what was found out of it as it was verified. */
export interface CutAtOnceThrough extends CutThrough {
  /** Whether each replica could be asked at its own address. */
  readonly reached: boolean;
  /** Who answered on both routes; `null` where green has a share already. */
  readonly releases: { readonly live: Releases; readonly test: Releases } | null;
}

/** How live traffic moves. */
export interface Cut {
  readonly moves: readonly [RouteMove, ...RouteMove[]];
  readonly traffic: RouteTraffic;
}

/** Why live traffic was not moved. */
export interface Left {
  /** A sentence. */
  readonly why: string;
  /** Whether it is certain that no attempt has moved it. */
  readonly isUntouched: boolean;
}

export type CutActivities = ReturnType<typeof cutActivities>;

/** What takes longer is left to the look that has patience. */
const patienceMs = 1_500;

export function cutActivities(dependencies: ProbeDependencies) {
  const own = ownRoutes(dependencies);
  const parts = heldParts(dependencies);
  return eachHeartbeating({
    /**
     * Gives green its count, looks once at all that was verified, all at the same time, and moves live traffic if it is as it was.
     * Effect: at most one ModifyTargetGroupAttributes a target group and one UpdateService; then what `setRoutes` does, or nothing.
     * Idempotent: absolute. A second attempt takes green's answers on the live route for the first one's effect.
     * @returns `null` when it has moved, else why not
     * @throws {ApplicationFailure} as `setRoute` does
     */
    async cutAtOnce(
      site: Site,
      each: readonly [CutAtOnceThrough, ...CutAtOnceThrough[]],
      counted: ConfirmedCount,
      { moves, traffic }: Cut,
    ): Promise<Left | null> {
      refuseMore(each);
      const { elb } = writing(dependencies, site);
      const looking = Promise.all([
        ...each.map((one) => whyNotAsVerified(dependencies, own, one)),
        whyNotRelied(dependencies, site, counted),
      ]);
      const [found, looked, ...written] = await Promise.allSettled([
        parts.setRoutes(site, moves, traffic),
        inTime(looking),
        ...writeCounts(parts, site, counted),
      ]);
      Context.current().cancellationSignal.throwIfAborted();
      if (found.status === 'rejected') throw found.reason;
      const lost = written.find((one) => one.status === 'rejected');
      if (lost) throw lost.reason;
      const why = looked.status === 'rejected' ? messageOf(looked.reason) : looked.value;
      if (why !== undefined) return { why, isUntouched: Context.current().info.attempt === 1 };
      await writeMoves(elb, found.value);
      return null;
    },
  });
}

const messageOf = (reason: unknown) => (reason instanceof Error ? reason.message : String(reason));

/** The first reason of those that are given in time. */
async function inTime(looks: Promise<readonly (string | undefined)[]>): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([`A look took longer than ${patienceMs} ms.`]), patienceMs);
  });
  const found = await Promise.race([looks, late]).finally(() => clearTimeout(timer));
  return found.find((why) => why !== undefined);
}

/** What is written, each held to the settings as it is elsewhere; of the rules what comes before their first write. */
const heldParts = (dependencies: ProbeDependencies) =>
  heldToSettings(dependencies, {
    setDesiredCount: serviceActivities(dependencies).setDesiredCount,
    setTargetGroupAttributes: targetGroupActivities(dependencies).setTargetGroupAttributes,
    setRoutes: async (site: Site, moves: Cut['moves'], traffic: RouteTraffic) =>
      await findMoves(writing(dependencies, site).elb, moves, traffic),
  });

/** All are awaited, however the looks go: nothing is written after the activity has ended. */
const writeCounts = (
  parts: ReturnType<typeof heldParts>,
  site: Site,
  { wanted, counts = [] }: ConfirmedCount,
): Promise<void>[] => [
  parts.setDesiredCount(site, wanted),
  ...counts.map(({ targetGroupArn, attributes }) => parts.setTargetGroupAttributes(site, targetGroupArn, attributes)),
];

/** Blue wants no more than green has, and nobody changed a target group. What is being written is no change. */
async function whyNotRelied(
  { clientsOf }: AwsDependencies,
  site: Site,
  { relied, wanted, like, counts = [] }: ConfirmedCount,
): Promise<string | undefined> {
  const { ecs, elb } = clientsOf(site);
  const written = new Set(counts.flatMap(({ attributes }) => Object.keys(attributes)));
  const settled = (settings: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(settings).filter(([name]) => !written.has(name)));
  const groups = relied.flatMap(({ green, blue }) => [
    { arn: green.arn, settings: settled(settingsOfPlan(green.plan)) },
    ...(blue ? [blue] : []),
  ]);
  const [blue, changes] = await Promise.all([
    like === null ? undefined : describeService(ecs, site.cluster, like),
    describeDrift(elb, groups),
  ]);
  if (changes.length > 0) return `${changes.join(' and ')} changed.`;
  const desired = blue?.desiredCount ?? 0;
  return desired > wanted.atLeast ? `${like} wants ${desired} replicas by now.` : undefined;
}

/** Every replica is healthy, every module answers, on each replica where it can be asked, and the live route answers as before. */
async function whyNotAsVerified(
  aws: AwsDependencies,
  own: OwnRoute,
  one: CutAtOnceThrough,
): Promise<string | undefined> {
  const { site, replicas, paths, releases, testAddress, liveAddress } = one;
  const isAsked = paths.length > 0;
  const found = await Promise.all([
    whyNotHealthy(aws.clientsOf(site), own, one),
    isAsked && own(testAddress, paths).then((route) => whyNotAnswering(route, paths)),
    isAsked && releases && own(liveAddress, paths).then((route) => whyNotAsBefore(route, paths, releases)),
  ]);
  const why = found.find((said) => typeof said === 'string');
  return why && `${replicas.service}: ${why}`;
}

async function whyNotHealthy(
  clients: AwsClients,
  own: OwnRoute,
  { site, replicas, reached, testAddress, verification }: CutAtOnceThrough,
): Promise<string | undefined> {
  const [service, targets] = await Promise.all([
    describeService(clients.ecs, site.cluster, replicas.service),
    describeTargets(clients.elb, replicas.targetGroupArn),
  ]);
  const observed: ObservedReplicas | undefined = service && { service, targets, stopped: [], running: [] };
  if (!observed || !allHealthy(observed, replicas)) return 'not every replica is healthy.';
  const { replicas: warmed } = verification;
  if (!reached || !warmed) return undefined;
  const route = await own(testAddress, warmed.paths);
  const asked = targets.map(({ Target }) => ({ address: Target?.Id ?? '', port: Target?.Port ?? 80 }));
  const answers = await Promise.all(asked.map((target) => askTarget(route, warmed, target, warmed.paths)));
  return whyWrong(answers.flat());
}

async function whyNotAnswering(
  route: Parameters<typeof roundsOf>[0],
  paths: readonly string[],
): Promise<string | undefined> {
  return whyWrong(await roundsOf(route, { quick: true }).ask(paths, healthPage));
}

function whyWrong(answers: readonly Answered[]): string | undefined {
  const wrong = answers.find(({ answer }) => answer.status !== 200);
  return wrong && `${wrong.url} answered ${wrong.answer.status ?? 'nothing'}.`;
}

async function whyNotAsBefore(
  route: Parameters<typeof roundsOf>[0],
  paths: readonly string[],
  { live, test }: NonNullable<CutAtOnceThrough['releases']>,
): Promise<string | undefined> {
  const now = await releaseProbes.describeReleases(route, paths);
  const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
  const mayHaveMoved = Context.current().info.attempt > 1;
  const other = paths.find((path) => !same(now[path], live[path]) && !(mayHaveMoved && same(now[path], test[path])));
  return other && `another release answers for ${other} than before.`;
}
