/**
 * The way back without Temporal: live traffic returns to what served before the last deployment, from what rules, weights, tags and
 * services say. Whatever can't be told for certain is refused, for no history can be asked.
 */
import type { PlanRequest } from '../plans/plan-request';
import { planEach } from '../listeners/others';
import { portRoutes } from '../listeners/port-plans';
import { groupOfSlot, servingGroup } from '../listeners/ports';
import { otherSlot, targetGroupName } from '../names';
import { blueInSlot, servingOf, type Serving, type SlotBlue } from '../observed/blue';
import type { ObservedPort, PlannableApplication } from '../observed/observed';
import { Refusal } from '../refusal';
import { planRoutes, publicPaths, routeAddress, type RouteAddress } from '../routing/live-and-test-routes';
import type { RoutePlan } from '../routing/rule-set';
import { ruleAt, type RouteTargetGroups } from '../routing/rule-states';
import { sameState } from '../routing/listener-rules';
import { isSticky } from '../plans/target-group';
import { siteOf, type Site } from '../site';
import { rulesNow, type RulesNow } from './rules-now';

/** What is recorded of the last deployment; absent where that can't be read. */
export interface RecordedBefore {
  /** What served before it: the ARN of a task definition, empty for the Platform Server, `null` when nothing is recorded. */
  readonly previous: string | null;
  /** Whether that deployment has ended. */
  readonly over: boolean;
}

/** What serves again: the replicas of a slot, or where `null` the Platform Server. */
export interface Returning {
  readonly service: string;
  readonly taskDefinitionArn: string;
  /** How many replicas must be healthy before requests go to them. */
  readonly count: number;
  readonly desiredCount: number;
  readonly startTimeoutMs: number;
}

/** Through one listener. */
export interface ReturnThrough {
  readonly liveRoute: RoutePlan;
  readonly testRoute: RoutePlan;
  /** Which other port of the service it leads to, where no module is asked for. Default: that of the modules. */
  readonly port?: string;
  /** `blue` is what has traffic now, `green` where it goes: the plan of a cut in the other direction. */
  readonly groups: RouteTargetGroups;
  /** Whether a test rule must attach the replicas to the load balancer before they can be healthy. */
  readonly attaches: boolean;
  readonly liveAddress: RouteAddress;
  /** Where the release that is left can be asked for its markers. */
  readonly leftAt: RouteAddress;
  /** Live rules that aren't as they are to be. */
  readonly differing: RoutePlan['rules'];
}

export interface ReturnPlan {
  readonly site: Site;
  readonly application: string;
  readonly from: Serving;
  readonly to: Serving;
  readonly blue: Returning | null;
  readonly through: readonly [ReturnThrough, ...ReturnThrough[]];
  /** Where each module of the release that is left is asked for. */
  readonly paths: readonly string[];
  /** Both run the same image: their markers can't tell them apart. */
  readonly sameRelease: boolean;
  readonly settleMs: number;
}

/** What has traffic once it is done: what served before, which a {@link ReturnThrough} calls green. */
export const returned = { blue: 0, green: 100 } as const;

/** @throws {Refusal} when there is nothing to go back to, or it can't be told for certain what */
export function planReturn(request: PlanRequest, observed: PlannableApplication, before: RecordedBefore): ReturnPlan {
  const { application, zone, options } = request;
  const now = rulesNow(application, observed);
  const blue = blueBefore(request, observed, now, before);
  const through = planEach(request, observed, (one, seen: PlannableApplication) => planThrough(one, seen, now, blue));
  const ports = (observed.ports ?? []).flatMap((port) => planPort(request, port, now, blue));
  const { green } = now;
  return {
    site: siteOf(zone, request),
    application: application.name,
    from: servingOf(green),
    to: servingOf(blue ?? { kind: 'platformServer', targetGroupArn: null }),
    blue: blue && {
      service: blue.service,
      taskDefinitionArn: blue.taskDefinitionArn,
      count: Math.max(blue.desiredCount, green.desiredCount, 1),
      desiredCount: blue.desiredCount,
      startTimeoutMs: zone.startTimeout,
    },
    through: [...through, ...ports],
    paths: publicPaths(green.release?.modules ?? [], request.paths),
    sameRelease: blue?.release?.digest !== undefined && blue.release?.digest === green.release?.digest,
    settleMs: options.settle,
  };
}

/** The slot that served before, `null` for the Platform Server. */
function blueBefore(
  { application: { name } }: PlanRequest,
  { slots }: PlannableApplication,
  { green, attached, inFlight }: RulesNow,
  { previous, over }: RecordedBefore,
): SlotBlue | null {
  if (attached) return withRelease(name, attached);
  if (previous === '') {
    if (inFlight && !over) return null;
    throw new Refusal(
      `${green.service} is the first release of ${name} in containers, and its deployment is over: "cutover remove" gives it back to the Platform Server once Temporal answers.`,
    );
  }
  const other = slots.find(({ slot }) => slot === otherSlot(green.slot));
  const blue = blueInSlot(slots, other?.targetGroupArn ?? undefined);
  if (previous !== null && blue?.taskDefinitionArn === previous) return withRelease(name, blue);
  throw new Refusal(
    `What served ${name} before ${green.service} is gone, or can't be told for certain: ${tellBefore(previous, blue)}. Point its rules by hand at what should serve.`,
  );
}

function tellBefore(previous: string | null, blue: SlotBlue | undefined): string {
  const recorded = previous === null ? 'no task definition is recorded' : `task definition ${previous} is recorded`;
  return blue
    ? `${recorded}, and ${blue.service} has ${blue.taskDefinitionArn}`
    : `${recorded}, and no other service is there`;
}

/** @throws {Refusal} when nobody knows what its rules must catch */
function withRelease(name: string, blue: SlotBlue): SlotBlue {
  if (blue.release) return blue;
  throw new Refusal(
    `${blue.service} served ${name} before, but its task definition ${blue.taskDefinitionArn} doesn't say for which modules: point the rules by hand.`,
  );
}

/** @throws {Refusal} when what served before has no target group there */
function planPort(
  request: PlanRequest,
  port: ObservedPort,
  { green, inFlight }: RulesNow,
  blue: SlotBlue | null,
): ReturnThrough[] {
  const from = servingGroup(port, green);
  if (from === undefined) return [];
  const to = blue && groupOfSlot(port, blue.slot);
  if (to === null)
    throw new Refusal(
      `${green.service} is in target group ${targetGroupName(from)} too, for its port ${port.id}, and what served before has none for it: point the rules of that target group by hand.`,
    );
  const { listener, liveRoute, testRoute } = portRoutes(request, port, { from, to });
  const groups = { blue: from, green: to };
  const address = routeAddress(listener, request.zone);
  const differing = liveRoute.rules.filter((rule) => !sameState(rule.found, ruleAt(rule, returned, groups)));
  return [
    {
      port: port.id,
      liveRoute,
      testRoute,
      groups,
      attaches: !inFlight,
      liveAddress: address,
      leftAt: address,
      differing,
    },
  ];
}

function planThrough(
  request: PlanRequest,
  seen: PlannableApplication,
  { green, inFlight }: RulesNow,
  blue: SlotBlue | null,
): ReturnThrough {
  const groupOf = (one: SlotBlue | null) => seen.slots.find(({ slot }) => slot === one?.slot)?.targetGroupArn ?? null;
  const [from, to] = [groupOf(green), groupOf(blue)];
  if (from === null || (blue && to === null))
    throw new Refusal(
      `Behind listener ${seen.liveListener.arn} ${blue && to === null ? blue.service : green.service} has no target group: point the rules of ${request.application.name} by hand.`,
    );
  const modules = blue?.release?.modules ?? [];
  const routes = planRoutes(request, seen, {
    live: modules,
    test: modules,
    sticky: seen.slots.some(({ attributes }) => isSticky(attributes)),
    blueTargetGroupArn: from,
  });
  const groups = { blue: from, green: to ?? '' };
  const differing = routes.liveRoute.rules.filter((rule) => !sameState(rule.found, ruleAt(rule, returned, groups)));
  return {
    liveRoute: routes.liveRoute,
    testRoute: routes.testRoute,
    groups,
    attaches: blue !== null && !inFlight,
    liveAddress: routes.liveAddress,
    leftAt: inFlight ? routes.testAddress : routes.liveAddress,
    differing,
  };
}
