/**
 * The plan of a blue-green deployment: every decision, made once, from what was observed and what was asked for. It is
 * recorded in the workflow's history, where an operator can read it; nothing is decided again later.
 */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { demandFor, type ApprovalDemand } from '../approvals/demand';
import { blueOrAdoptedOf } from '../adoption/foreign-route';
import { planAdoption, type Adoption } from '../adoption/adoption';
import { reliedOfBlue, type ReliedTargetGroup } from '../observed/drift';
import { refuseShares, refuseUnroutable } from './deployment-refusals';
import { greenSlot, planGreen, type Green } from './green';
import type { PlanRequest } from './plan-request';
import { planEach, refuseOtherBlue } from '../listeners/others';
import { greenWithPorts, isBehindPorts, planPorts, type PlannedPort } from '../listeners/port-plans';
import { planKeepWarm } from './keep-warm';
import { leftoversOf, type Leftover } from '../observed/leftovers';
import { servingOf, type Blue, type Serving } from '../observed/blue';
import { findLeftBehind, type LeftBehindQuestion } from '../observed/left-behind';
import { recordedName } from '../observed/resource-names';
import { refuseForeignRules, refuseStrayRules } from '../observed/stray-rules';
import { ecsTags, resourceTags, slotNames, type ApplicationIdentity } from '../names';
import { planTags, tagsThrough, type OutdatedTags } from '../observed/outdated-tags';
import { rulesOfPaths, tellUnseenRequests } from '../observed/unseen-requests';
import type { Observed, ObservedSlot } from '../observed/observed';
import { planProof } from '../proof/behind-logins';
import { refuseShadowing } from '../routing/precedence';
import { forgottenNote, refuseForgotten } from '../release/forgotten';
import type { Release, ReleaseRecord } from '../release/release';
import type { RoutePlan } from '../routing/rule-set';
import { hostsOf, planRoutes, probeOf, publicPaths, type RouteAddress } from '../routing/live-and-test-routes';
import { stickyRules, stickyShares, type BesideBlue } from './stickiness';
import { siteOf, type Site } from '../site';
import { refuseUnsuitable } from '../observed/suitability';
import { planScaling, type ScalingPlan } from '../scaling/plan';
import { refuseOtherPlatform } from '../release/platform';
import { planFailover, type Failover } from './target-group';
import { planTaskDefinition, repeatTaskDefinition, type TaskDefinition } from '../release/task-definitions';
import { planDetection, type DetectionPlan } from '../twin/failure-detection';
import { adoptedTemplate, withAdopted } from '../twin/adopted-template';

export interface DeploymentPlan {
  readonly site: Site;
  readonly application: ApplicationIdentity;
  /** The options that were asked for, except that `keepWarm` is 0 where it keeps nothing. */
  readonly options: ResolvedRunbookOptions;
  /** Why `keepWarm` keeps nothing, a sentence, where it was asked for. */
  readonly unkept?: string;
  readonly release: Release;
  readonly taskDefinition: TaskDefinition;
  readonly blue: Blue;
  /** What another tool made and this deployment takes over; `null` where there is nothing of the kind. */
  readonly adoption: Adoption | null;
  /** Green's replicas run already, warm since they were blue; `null` where they are to be started. */
  readonly warm: WarmRelease | null;
  /** That no replica can be replaced, for the registry has the image no more; a sentence. Default: it has it. */
  readonly forgotten?: string;
  /** What its approvals must be. Default: whoever reaches Temporal approves, at any time. */
  readonly approvals?: ApprovalDemand;
  /** The names of the gates that it is judged by, as the settings had them. Absent where there are none. */
  readonly gates?: readonly string[];
  /** What goes with blue. Default: nothing. */
  readonly leftovers?: readonly Leftover[];
  /** Blue, as people see it. */
  readonly live: Serving;
  /** Blue's target group as it was found: nobody may change it in mid-deployment. `null` where no slot serves. */
  readonly blueTargetGroup: ReliedTargetGroup | null;
  /** What blue's target group counts for in Route 53. Absent for the Platform Server's, and where it counts for nothing. */
  readonly blueFailover?: Failover;
  readonly green: Green;
  /** How Service Auto Scaling moves with the traffic. Absent where no service of the application is scaled. */
  readonly scaling?: ScalingPlan;
  /** What ECS judges deployments of what serves in the end by, once this one is over. Default: nothing. */
  readonly failureDetection?: DetectionPlan;
  readonly liveRoute: RoutePlan;
  readonly testRoute: RoutePlan;
  readonly liveAddress: RouteAddress;
  readonly testAddress: RouteAddress;
  /** Where each module is asked for, e.g. `/Orders`. */
  readonly paths: readonly string[];
  /** Where no probe is answered on the live route, and what that means for the proof. Default: nowhere. */
  readonly behindLogin?: { readonly paths: readonly string[]; readonly says: string };
  /** Rules of others that win a part of the modules' requests which no probe sees, a sentence a rule. Default: none. */
  readonly unseenRequests?: readonly string[];
  /** Rules of the load balancer's other listeners that lead to the Platform Server, a sentence a rule. Default: none. */
  readonly leftBehind?: readonly string[];
  readonly startTimeoutMs: number;
  /** How long modules may warm up. Default: `startTimeoutMs`. */
  readonly patienceMs?: number;
  /** What the rules' tags call the application until the deployment is done, where that is another name. */
  readonly renamedFrom?: string;
  /** What bears the earlier name, and goes once the deployment is done. */
  readonly outgrown?: readonly { readonly service: string | null; readonly targetGroupArn: string | null }[];
  /** What exists and bears other tags than the settings want, through every listener. Default: nothing. */
  readonly outdatedTags?: OutdatedTags;
  /** The same through the zone's other load balancers, in their order. Default: it has no other. */
  readonly alsoThrough?: readonly ThroughListener[];
}

/** What a plan holds of its own for each listener beside the first; what a listener has nothing of is absent. */
export type ThroughListener = Pick<
  DeploymentPlan,
  | 'blue'
  | 'blueTargetGroup'
  | 'green'
  | 'adoption'
  | 'liveRoute'
  | 'testRoute'
  | 'liveAddress'
  | 'testAddress'
  | 'blueFailover'
  | 'leftovers'
  | 'behindLogin'
  | 'unseenRequests'
  | 'leftBehind'
  | 'outgrown'
> & {
  /** Which other port of the service it leads to, e.g. `admin:9090`; then no module is asked for there. Default: that of the modules. */
  readonly port?: string;
  /** Where modules are asked for there. Default: the plan's. */
  readonly paths?: readonly [];
};

/** A release that is brought back as it was. */
export interface WarmRelease {
  readonly taskDefinitionArn: string;
  /** The ARN of the task definition that serves until then. */
  readonly previous: string | null;
  readonly by: string | null;
  readonly reason: string | null;
}

/** @throws {Refusal} when something stands in the way; nothing has been touched then */
export function planBlueGreen(request: PlanRequest, observed: Observed): DeploymentPlan {
  const asked = { ...request, options: { ...request.options, strategy: 'blueGreen' as const } };
  return planThroughEach(asked, observed, (one, seen) => {
    const plan = planBeside(one, seen);
    refuseStrayRules(plan.application, seen, plan.blue);
    return plan;
  });
}

/**
 * One plan for all of the zone's listeners.
 * @param planOne for one of them
 * @throws {Refusal} as `planOne`, and when the listeners disagree about what serves
 */
export function planThroughEach(
  request: PlanRequest,
  observed: Observed,
  planOne: (one: PlanRequest, seen: Observed) => DeploymentPlan,
): DeploymentPlan {
  const plans = planEach(request, observed, planOne, ({ blue, green: { slot } }) => ({
    slot,
    ...twinOf(greenSlot(blue, observed)),
  }));
  refuseOtherBlue(request.application, plans);
  const ports = planPorts(request, observed, plans);
  const [modules, ...others] = plans;
  const first = greenWithPorts(modules, observed, plans.length);
  if (others.length + ports.length === 0) return first;
  // Replicas that are no targets behind one of the load balancers, or at one of the ports, are of no use there, however warm.
  const areTargets = isBehindPorts(observed, first.blue, first.green.slot);
  const warm = areTargets && others.every((other) => other.warm !== null) ? first.warm : null;
  const alsoThrough = [...others.map((other) => throughListener(first, other)), ...ports.map(withService(first))];
  const groups = (observed.ports ?? []).map(({ slots }) => planTags(request, groupsIn(slots), undefined));
  return { ...first, ...tagsThrough([...plans, ...groups]), warm, alsoThrough };
}

const withService =
  ({ green: { service } }: DeploymentPlan) =>
  (port: PlannedPort): ThroughListener => ({ ...port, green: { ...port.green, service } });

/** The target groups in slots, whose services and rules are looked at elsewhere. */
const groupsIn = (slots: readonly ObservedSlot[]) => ({
  liveListener: { rules: [] },
  slots: slots.map((slot) => ({ ...slot, service: null })),
});

const twinOf = ({ twin }: ReturnType<typeof greenSlot>) => (twin ? { twin } : {});

/** What of a plan belongs to its listener; green's service is the first one's. */
const throughListener = ({ green: { slot, service } }: DeploymentPlan, other: DeploymentPlan): ThroughListener => ({
  blue: other.blue,
  blueTargetGroup: other.blueTargetGroup,
  green: { slot, service, targetGroup: other.green.targetGroup },
  adoption: other.adoption,
  liveRoute: other.liveRoute,
  testRoute: other.testRoute,
  liveAddress: other.liveAddress,
  testAddress: other.testAddress,
  ...(other.blueFailover && { blueFailover: other.blueFailover }),
  ...(other.leftovers && { leftovers: other.leftovers }),
  ...(other.behindLogin && { behindLogin: other.behindLogin }),
  ...(other.unseenRequests && { unseenRequests: other.unseenRequests }),
  ...(other.leftBehind && { leftBehind: other.leftBehind }),
  ...(other.outgrown && { outgrown: other.outgrown }),
});

/**
 * What starts beside blue: all of green, or a pilot.
 * @throws {Refusal} when something stands in the way; nothing has been touched then
 */
export function planBeside(request: PlanRequest, observed: Observed): DeploymentPlan {
  const { application, options, zone, runId } = request;
  const { release, liveListener, slots, foreign } = observed;
  refuseUnroutable(release.modules, zone);
  const paths = publicPaths(release.modules, request.paths);
  const hosts = hostsOf(zone);
  const adopted = (foreign?.route.rules ?? []).map(({ arn }) => arn);
  refuseForeignRules(application, liveListener, { paths, hosts, adopted, priorities: zone.priorities });
  const blue = blueOrAdoptedOf(application, liveListener, slots, foreign);
  refuseUnsuitable(request, observed, blue);
  const scaling = planScaling(observed, blue, options.strategy === 'blueGreen', zone.tags);
  const previous = blue.kind === 'platformServer' ? null : blue.taskDefinitionArn;
  const record = { ...request.record, runId, previous };
  const taskDefinition = planTask(request, observed, blue, record);
  refuseOtherPlatform(release, taskDefinition);
  const green = planGreen(request, observed, blue, taskDefinition);
  refuseShares(options, stickyShares(observed, blue, green), blue, release);
  const warm = warmRelease(green, observed, record);
  const renamedFrom = recordedName(application, liveListener.rules);
  const left = leftBeside(green, blue, slots);
  const routes = planRoutesOf(request, observed, blue, { green, leftovers: left.leftovers ?? [] });
  refuseShadowing(routes.liveRoute, liveListener, paths, adopted);
  const unseenRequests = tellUnseenRequests({
    application,
    rules: liveListener.rules,
    own: rulesOfPaths(routes.liveRoute.rules, paths),
    adopted,
    probe: probeOf(zone),
    platformServer: zone.platformServer?.targetGroup,
    sameFrontEnds: liveListener.sameFrontEnds,
    unknownFrontEnds: liveListener.unknownFrontEnds,
    leavesPlatformServer: blue.kind !== 'slot',
  });
  const asked = () => ({ paths, hosts, deleteAdopted: options.deleteAdopted, others: request.others?.() ?? {} });
  return {
    site: siteOf(zone, request),
    application,
    ...planKeepWarm(options, { blue, adopts: foreign !== undefined, renamedFrom }),
    release,
    taskDefinition,
    blue,
    warm,
    ...demandFor(request.demand, release.digest),
    ...tellForgotten(observed, green, warm),
    adoption: foreign ? planAdoption(application, { liveListener, foreign }, routes.liveRoute.rules, asked()) : null,
    ...left,
    live: servingOf(blue),
    blueTargetGroup: reliedOfBlue(blue, slots),
    ...blueFailover(blue, observed),
    green,
    ...planTags(request, observed, green.targetGroup.replaces),
    ...(scaling && { scaling }),
    ...detectionBehind(options, observed, blue, green),
    ...routes,
    paths,
    ...planProof(routes.liveRoute, paths),
    ...(unseenRequests.length > 0 && { unseenRequests }),
    ...(blue.kind !== 'slot' && tellLeftBehind(observed, { paths, probe: probeOf(zone) })),
    startTimeoutMs: zone.startTimeout,
    ...(zone.probe.patience !== undefined && { patienceMs: zone.probe.patience }),
    ...(renamedFrom !== undefined && { renamedFrom, outgrown: outgrownBy(application, slots) }),
  };
}

/** Users of other listeners, whom nobody moves. */
function tellLeftBehind(
  { liveListener, testListener, elsewhere }: Observed,
  asked: Pick<DeploymentPlan, 'paths'> & Pick<LeftBehindQuestion, 'probe'>,
): Pick<DeploymentPlan, 'leftBehind'> {
  const found = findLeftBehind({ ...asked, liveListener, elsewhere, testListener: testListener.arn });
  return found.length === 0 ? {} : { leftBehind: found.map(({ says, next }) => `${says}. ${next}`) };
}

/** An undo repeats what there was; else the settings' template has the release in it, or what the application was adopted with. */
function planTask(
  { application, zone }: PlanRequest,
  { release, ...observed }: Observed,
  blue: Blue,
  record: ReleaseRecord,
) {
  const { earlier } = observed;
  if (earlier) {
    const repeated = repeatTaskDefinition(application, release, earlier, record);
    return { ...repeated, tags: ecsTags(resourceTags(application, zone.tags)) };
  }
  const adopted = adoptedTemplate(blue, observed);
  return planTaskDefinition(application, release, zone, withAdopted(record, adopted), adopted);
}

/** What serves in the end has it as what serves now; a rolling update keeps the service. */
function detectionBehind(
  { strategy }: PlanRequest['options'],
  { slots, foreign }: Observed,
  blue: Blue,
  { service }: Green,
): Pick<DeploymentPlan, 'failureDetection'> {
  if (blue.kind === 'platformServer') return {};
  const found = blue.kind === 'adopted' ? foreign : slots.find(({ slot }) => slot === blue.slot);
  const name = strategy === 'rollingUpdate' ? blue.service : service.name;
  return planDetection(name, found?.service?.failureDetection, service.settings);
}

/** Both routes lead to every module of the release; a rollback leads back to blue. */
function planRoutesOf(request: PlanRequest, observed: Observed, blue: Blue, beside: BesideBlue) {
  const { modules } = observed.release;
  return planRoutes(request, observed, {
    live: modules,
    test: modules,
    sticky: stickyRules(observed, blue, beside),
    blueTargetGroupArn: blue.kind === 'platformServer' ? null : blue.targetGroupArn,
    adopted: observed.foreign?.route.rules ?? [],
  });
}

/** Only replicas that still run exactly what is wanted count as warm. */
function warmRelease(
  { slot }: Green,
  { slots, earlier }: Observed,
  { previous, by, reason }: Pick<ReleaseRecord, 'previous' | 'by' | 'reason'>,
): WarmRelease | null {
  const { service: warm, targetGroupArn } = slots.find((one) => one.slot === slot) ?? {};
  if (
    !warm?.targetGroupArns.includes(targetGroupArn ?? '') ||
    warm.desiredCount === 0 ||
    warm.taskDefinitionArn !== earlier?.taskDefinitionArn
  )
    return null;
  return { taskDefinitionArn: warm.taskDefinitionArn, previous, by, reason };
}

/**
 * Replicas that were kept warm need no image to serve, if there are enough of them.
 * @throws {Refusal} when the registry has forgotten the image, and a replica would have to start
 */
function tellForgotten(
  { forgotten = false, release, slots }: Observed,
  { slot, service }: Green,
  warm: WarmRelease | null,
): Pick<DeploymentPlan, 'forgotten'> {
  if (!forgotten) return {};
  const running = slots.find((one) => one.slot === slot)?.service?.runningCount ?? 0;
  if (!warm || running < service.desiredCount) refuseForgotten(release);
  return { forgotten: forgottenNote(release) };
}

/** What runs in the other slot, where blue is in none: else the slots are blue's and green's. */
function leftBeside({ slot }: Green, blue: Blue, slots: readonly ObservedSlot[]): Pick<DeploymentPlan, 'leftovers'> {
  if (blue.kind === 'slot') return {};
  const leftovers = leftoversOf(
    slots.filter((other) => other.slot !== slot),
    [blue.targetGroupArn],
  );
  return leftovers.length > 0 ? { leftovers } : {};
}

/** What another tool made stays as it is: once its rules lead to green its group is in none, and counts for nothing. */
function blueFailover(blue: Blue, { slots }: Observed): Pick<DeploymentPlan, 'blueFailover'> {
  if (blue.kind !== 'slot') return {};
  const { failover } = planFailover(slots.find(({ slot }) => slot === blue.slot)?.attributes ?? {});
  return failover ? { blueFailover: failover } : {};
}

/** The slots that bear an earlier name of the application. */
const outgrownBy = (application: ApplicationIdentity, slots: readonly ObservedSlot[]) =>
  slots
    .filter(({ slot, service }) => service !== null && service.name !== slotNames(application, slot).service)
    .map(({ service, targetGroupArn }) => ({ service: service?.name ?? null, targetGroupArn }));
