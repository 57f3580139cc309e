/**
 * The plan of a removal: what there is of an application in containers, and the way in which it goes. Whether the Platform
 * Server takes over or the application is gone is not decided here: only the Platform Server's own answers tell.
 */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { PlanRequest } from './deployment';
import { reliedOfBlue, type ReliedTargetGroup } from '../observed/drift';
import { planRoutes, publicPaths, type RouteAddress } from '../routing/live-and-test-routes';
import { leftoversOf } from '../observed/leftovers';
import { siteOf, type Site } from '../site';
import {
  blueInSlot,
  defaultTargetGroup,
  largestShare,
  servingOf,
  recordedName,
  type Blue,
  type Serving,
} from '../observed/blue';
import { belongsTo, tagKeys, type ApplicationIdentity } from '../names';
import type { Observed } from '../observed/observed';
import { Refusal } from '../refusal';
import { routeRules, type RoutePlan } from '../routing/rule-set';

/** What is left of a slot. */
export interface RemovedSlot {
  readonly service: string | null;
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
  /** Nothing of the application is in containers. */
  readonly nothing: boolean;
}

/**
 * @param modules those that the application is known to have
 * @throws {Refusal} when nothing could take over, or the modules are unknown; nothing has been touched then.
 */
export function planRemoval(
  request: PlanRequest,
  observed: Omit<Observed, 'release'>,
  modules: readonly string[],
): RemovalPlan {
  const { application, zone, options, runId } = request;
  const { liveListener, testListener, slots } = observed;
  const rules = routeRules(liveListener.rules, application, 'live');
  const platformServerGroupArn = defaultTargetGroup(liveListener.rules);
  if (platformServerGroupArn === null)
    throw new Refusal(
      `The default rule of listener ${liveListener.arn} doesn't forward to a target group, so no Platform Server can be asked whether ${application.name} is there: make it forward to the Platform Server.`,
    );
  const renamedTo = recordedName(application, rules);
  const routed = rules.length > 0 && renamedTo === undefined;
  if (routed && modules.length === 0)
    throw new Refusal(
      `What serves ${application.name} doesn't say which modules it holds: name them under "modules" of the application in the settings.`,
    );
  const left = slots.filter(({ service, targetGroupArn }) => service !== null || targetGroupArn !== null);
  const routedTo = largestShare(rules) ?? null;
  if (renamedTo !== undefined && left.some(({ targetGroupArn }) => targetGroupArn === routedTo))
    throw servesUnderAnotherName(application, renamedTo);
  const [draining = null] = leftoversOf(left, []).map(({ targetGroupArn }) => targetGroupArn);
  const servingGroupArn = renamedTo === undefined ? (routedTo ?? draining) : null;
  const routes = planRoutes(request, observed, {
    live: [],
    test: modules,
    sticky: false,
    blueTargetGroupArn: routedTo,
  });
  const platformServer = { kind: 'platformServer', targetGroupArn: platformServerGroupArn } as const;
  const blue = blueInSlot(slots, routedTo ?? undefined) ?? platformServer;
  const ownTestRules = testListener.rules.some(
    ({ tags }) => belongsTo(tags, application) && tags[tagKeys.route] === 'test',
  );
  return {
    site: siteOf(zone, runId),
    application,
    options,
    live: servingOf(blue),
    blue,
    blueTargetGroup: reliedOfBlue(blue, slots),
    startTimeoutMs: zone.startTimeout,
    routed,
    platformServerGroupArn,
    servingGroupArn,
    leftoverGroupArns: leftoversOf(left, [servingGroupArn]).map(({ targetGroupArn }) => targetGroupArn),
    slots: left.map(({ service, targetGroupArn }) => ({ service: service?.name ?? null, targetGroupArn })),
    ...(renamedTo === undefined ? routes : { ...routes, testRoute: { ...routes.testRoute, rules: [] } }),
    paths: renamedTo === undefined ? publicPaths(modules, request.paths) : [],
    nothing: !routed && left.length === 0 && (!ownTestRules || renamedTo !== undefined),
  };
}

/** What serves under a new name must not go with the old one: only what still bears the old name, and serves nobody, does. */
const servesUnderAnotherName = ({ key, name }: ApplicationIdentity, other: string) =>
  new Refusal(
    `The application with the key ${key} serves under the name ${other} now: nothing of ${name} was removed.`,
  );
