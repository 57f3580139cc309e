/** The plan of a retirement: whether replicas that a deployment kept warm are still as they were, and serve nobody. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import type { PlanRequest } from './plan-request';
import { planEach } from '../listeners/others';
import { attachedPorts } from '../listeners/port-plans';
import { blueOf, servingOf, type Serving } from '../observed/blue';
import type { FoundSlot, PlannableApplication } from '../observed/observed';
import type { Release } from '../release/release';
import { planRoutes } from '../routing/live-and-test-routes';
import type { RoutePlan } from '../routing/rule-set';
import { siteOf, type Site } from '../site';

export interface RetirementPlan {
  readonly site: Site;
  readonly options: ResolvedRunbookOptions;
  readonly live: Serving;
  readonly release?: Release;
  /** `null` when its slot serves, is empty, or has been used since. */
  readonly service: string | null;
  readonly targetGroupArn: string | null;
  /** Whether the service has a scalable target, which would bring it back from zero. Default: no. */
  readonly scales?: boolean;
  /** Keeps the replicas attached to the load balancer until they are drained. */
  readonly testRoute: RoutePlan;
  /** The same through the zone's other load balancers. Default: it has no other. */
  readonly alsoThrough?: readonly Pick<RetirementPlan, 'targetGroupArn' | 'testRoute'>[];
}

/** Replicas that were kept warm, as they were then. */
export interface WarmReplicas {
  readonly service: string;
  /** The ARN: another one means that a deployment has used the slot since. */
  readonly taskDefinition: string;
}

/** @throws {Refusal} when it can't be told what serves */
export function planRetirement(
  request: PlanRequest,
  observed: PlannableApplication,
  replicas: WarmReplicas,
): RetirementPlan {
  const [first, ...others] = planEach(request, observed, (one, seen: PlannableApplication) =>
    planThroughOne(one, seen, replicas),
  );
  const slot = observed.slots.find((one) => areIn(one, replicas))?.slot;
  const ports = slot === undefined ? [] : attachedPorts(request, observed.ports, slot);
  if (others.length + ports.length === 0) return first;
  const through = [...others.map(({ testRoute, targetGroupArn }) => ({ testRoute, targetGroupArn })), ...ports];
  // Where one of the listeners still leads to them, they serve.
  const service = others.some((other) => other.service === null) ? null : first.service;
  return { ...first, service, alsoThrough: through };
}

function planThroughOne(request: PlanRequest, observed: PlannableApplication, replicas: WarmReplicas): RetirementPlan {
  const { application, zone, options } = request;
  const { liveListener, slots } = observed;
  const blue = blueOf(application, liveListener, slots);
  const warm = slots.find((slot) => areIn(slot, replicas));
  const isIdle = warm !== undefined && !(blue.kind === 'slot' && blue.slot === warm.slot);
  const noModules = { live: [], test: [], sticky: false, blueTargetGroupArn: null };
  return {
    site: siteOf(zone, request),
    options,
    live: servingOf(blue),
    ...(blue.kind === 'slot' && blue.release && { release: blue.release }),
    service: isIdle ? replicas.service : null,
    targetGroupArn: warm?.targetGroupArn ?? null,
    ...(warm?.service?.scaling && { scales: true }),
    testRoute: planRoutes(request, observed, noModules).testRoute,
  };
}

const areIn = ({ service }: FoundSlot, replicas: WarmReplicas): boolean =>
  service?.name === replicas.service &&
  service.taskDefinitionArn === replicas.taskDefinition &&
  service.desiredCount > 0;
