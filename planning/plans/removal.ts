/**
 * The plan of a removal: what there is of an application in containers, and the way in which it goes. Whether the Platform
 * Server takes over or the application is gone is not decided here: only the Platform Server's own answers tell.
 */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { demandFor, type ApprovalDemand } from '../approvals/demand';
import type { PlanRequest } from './plan-request';
import { planEach } from '../listeners/others';
import { reliedOfBlue, type ReliedTargetGroup } from '../observed/drift';
import { planRoutes, publicPaths, type RouteAddress } from '../routing/live-and-test-routes';
import { leftoversOf } from '../observed/leftovers';
import { stickyRemoval } from './stickiness';
import { isSticky } from './target-group';
import { siteOf, type Site } from '../site';
import {
  blueInSlot,
  defaultTargetGroups,
  servingOf,
  sharedDefaultRule,
  type Blue,
  type Serving,
} from '../observed/blue';
import type { ApplicationIdentity } from '../names';
import type { ObservedSlot, PlannableApplication } from '../observed/observed';
import { Refusal } from '../refusal';
import { sendsTo, type ObservedListener } from '../routing/listener-rules';
import type { RoutePlan } from '../routing/rule-set';
import { findRemains, groupToDrain, isNothing, isRouted, type Remains } from './remains';

/** What is left of a slot. */
export interface RemovedSlot {
  readonly service: string | null;
  /** Whether it has a scalable target, which would bring it back from zero. Default: no. */
  readonly scales?: boolean;
  readonly targetGroupArn: string | null;
}

export interface RemovalPlan {
  readonly site: Site;
  readonly application: ApplicationIdentity;
  readonly options: ResolvedRunbookOptions;
  readonly live: Serving;
  /** What serves now, and what a rollback leads back to. */
  readonly blue: Blue;
  /** Its target group as it was found: nobody may change it until it is drained. `null` where no slot serves. */
  readonly blueTargetGroup: ReliedTargetGroup | null;
  /** Whether rules send the application's live traffic to containers. */
  readonly routed: boolean;
  /** The target group of the listener's default rule. */
  readonly platformServerGroupArn: string;
  /** What serves now; it stays attached to the load balancer until it is drained. `null` when nothing is left to drain. */
  readonly servingGroupArn: string | null;
  /** What runs beside it, and stays attached as well until it is drained. */
  readonly leftoverGroupArns: readonly string[];
  readonly slots: readonly RemovedSlot[];
  readonly liveRoute: RoutePlan;
  /** Leads to the Platform Server, past the live rules. */
  readonly testRoute: RoutePlan;
  readonly liveAddress: RouteAddress;
  readonly testAddress: RouteAddress;
  readonly paths: readonly string[];
  readonly startTimeoutMs: number;
  /** What its approvals must be. Default: whoever reaches Temporal approves, at any time. */
  readonly approvals?: ApprovalDemand;
  /** Nothing of the application is in containers. */
  readonly nothing: boolean;
  /** The same through the zone's other load balancers where something is left there. Default: it has no other. */
  readonly alsoThrough?: readonly RemovalThroughListener[];
}

/** What a plan holds of its own for each listener beside the first. */
export type RemovalThroughListener = Pick<
  RemovalPlan,
  | 'blue'
  | 'blueTargetGroup'
  | 'platformServerGroupArn'
  | 'servingGroupArn'
  | 'leftoverGroupArns'
  | 'slots'
  | 'liveRoute'
  | 'testRoute'
  | 'liveAddress'
  | 'testAddress'
>;

/**
 * @param modules those that the application is known to have
 * @throws {Refusal} when nothing could take over, or the modules are unknown; nothing has been touched then
 */
export function planRemoval(
  request: PlanRequest,
  observed: PlannableApplication,
  modules: readonly string[],
): RemovalPlan {
  const ports = removedPorts(request.application, observed);
  const plans = planEach(request, observed, (one, seen: PlannableApplication) => planThroughOne(one, seen, modules));
  // What an earlier removal began through one of the listeners is gone on with through the others.
  const left = plans
    .filter(({ nothing }) => !nothing)
    .toSorted((one, other) => Number(other.routed) - Number(one.routed));
  const [found = plans[0], ...others] = left;
  const first = withPorts(found, ports);
  return others.length === 0 ? first : { ...first, alsoThrough: others.map(throughListener) };
}

/** A slot's target group for another of its ports. */
type PortSlot = ObservedSlot & { readonly targetGroupArn: string };

/**
 * Those of all ports, which go with the slots.
 * @throws {Refusal} when a rule leads to one: nothing takes over there, so its owner must say that it may go
 */
function removedPorts({ name }: ApplicationIdentity, { ports = [] }: PlannableApplication): PortSlot[] {
  return ports.flatMap(({ id, slots, listeners }) =>
    slots.flatMap((slot) => {
      const { targetGroupArn } = slot;
      if (targetGroupArn === null) return [];
      const rule = listeners.flatMap(({ rules }) => rules).find((one) => sendsTo(one, targetGroupArn));
      if (!rule) return [{ ...slot, targetGroupArn }];
      throw new Refusal(
        `Listener rule ${rule.arn} (priority ${rule.priority}) leads to port ${id} of ${name}'s containers, and nothing takes over there: let it lead elsewhere, or delete it ("aws elbv2 delete-rule --rule-arn ${rule.arn}"), and remove the application then.`,
      );
    }),
  );
}

/** What runs behind a port stays attached until it is drained, too: ECS changes no service whose target group is in no rule. */
function withPorts(plan: RemovalPlan, ports: readonly PortSlot[]): RemovalPlan {
  if (ports.length === 0) return plan;
  const running = ports.filter(({ service }) => service !== null && service.desiredCount > 0);
  const isStickyToo = running.some(({ attributes }) => isSticky(attributes));
  return {
    ...plan,
    slots: [...plan.slots, ...ports.map(({ targetGroupArn }) => ({ service: null, targetGroupArn }))],
    leftoverGroupArns: [...plan.leftoverGroupArns, ...running.map(({ targetGroupArn }) => targetGroupArn)],
    testRoute: { ...plan.testRoute, sticky: plan.testRoute.sticky || isStickyToo },
  };
}

const throughListener = (plan: RemovalPlan): RemovalThroughListener => ({
  blue: plan.blue,
  blueTargetGroup: plan.blueTargetGroup,
  platformServerGroupArn: plan.platformServerGroupArn,
  servingGroupArn: plan.servingGroupArn,
  leftoverGroupArns: plan.leftoverGroupArns,
  slots: plan.slots,
  liveRoute: plan.liveRoute,
  testRoute: plan.testRoute,
  liveAddress: plan.liveAddress,
  testAddress: plan.testAddress,
});

function planThroughOne(request: PlanRequest, observed: PlannableApplication, modules: readonly string[]): RemovalPlan {
  const { application, zone, options } = request;
  const { liveListener, slots } = observed;
  const found = findRemains(application, observed);
  // Where nothing is left to remove, the Platform Server is asked nothing.
  const platformServerGroupArn = isNothing(found) ? '' : findPlatformServerGroup(application, liveListener);
  if (found.renamedTo !== null) refuseToRemoveServing(application, found.renamedTo, found);
  else if (found.rules.length > 0 && modules.length === 0) throw unknownModules(application);
  const blue = blueInSlot(slots, found.routedTo ?? undefined) ?? {
    kind: 'platformServer',
    targetGroupArn: platformServerGroupArn,
  };
  // Rules that somebody led to the Platform Server lead to nothing that could be drained.
  const routedTo = found.routedTo === platformServerGroupArn ? null : found.routedTo;
  const servingGroupArn = found.renamedTo === null ? groupToDrain({ ...found, routedTo }) : null;
  const leftoverGroupArns = leftoversOf(found.slots, [servingGroupArn]).map(({ targetGroupArn }) => targetGroupArn);
  const sticky = stickyRemoval(observed, [servingGroupArn, ...leftoverGroupArns]);
  return {
    site: siteOf(zone, request),
    application,
    // A removal starts nothing: who is to be asked before the start is asked before the cut.
    options: options.approval === 'beforeStart' ? { ...options, approval: 'afterVerify' } : options,
    live: servingOf(blue),
    blue,
    blueTargetGroup: reliedOfBlue(blue, slots),
    startTimeoutMs: zone.startTimeout,
    routed: isRouted(found),
    platformServerGroupArn,
    servingGroupArn,
    leftoverGroupArns,
    slots: found.slots.map(({ service, targetGroupArn }) => ({
      service: service?.name ?? null,
      targetGroupArn,
      ...(service?.scaling && { scales: true }),
    })),
    ...planRemovalRoutes(request, observed, found, { modules, sticky }),
    paths: found.renamedTo === null ? publicPaths(modules, request.paths) : [],
    ...demandFor(request.demand, null),
    nothing: isNothing(found),
  };
}

/** The live rules go, and a test route leads to the Platform Server; neither touches rules under another name. */
function planRemovalRoutes(
  request: PlanRequest,
  observed: PlannableApplication,
  { routedTo, renamedTo }: Remains,
  { modules, sticky }: { readonly modules: readonly string[]; readonly sticky: boolean },
) {
  const routes = planRoutes(request, observed, {
    live: [],
    test: modules,
    sticky,
    blueTargetGroupArn: routedTo,
  });
  return renamedTo === null ? routes : { ...routes, testRoute: { ...routes.testRoute, rules: [] } };
}

function findPlatformServerGroup({ name }: ApplicationIdentity, listener: ObservedListener): string {
  const [targetGroupArn, ...others] = defaultTargetGroups(listener);
  if (targetGroupArn !== undefined && others.length > 0) throw sharedDefaultRule([targetGroupArn, ...others]);
  if (targetGroupArn !== undefined) return targetGroupArn;
  throw new Refusal(
    `The default rule of listener ${listener.arn} doesn't forward to a target group, so no Platform Server can be asked whether ${name} is there: make it forward to the Platform Server, or name that one's as platformServer.targetGroup of the zone.`,
  );
}

/** What serves under a new name must not go with the old one: only what still bears the old name, and serves nobody, does. */
function refuseToRemoveServing({ key, name }: ApplicationIdentity, other: string, { slots, routedTo }: Remains): void {
  if (!slots.some(({ targetGroupArn }) => targetGroupArn === routedTo)) return;
  throw new Refusal(
    `The application with the key ${key} serves under the name ${other} now: nothing of ${name} was removed.`,
  );
}

const unknownModules = ({ name }: ApplicationIdentity) =>
  new Refusal(
    `What serves ${name} doesn't say which modules it holds: name them under "modules" of the application in the settings.`,
  );
