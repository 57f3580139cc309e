/** Plans the retirement of replicas that a deployment kept warm. */
import { planRoutes } from '../../../planning/routing/live-and-test-routes';
import { siteOf, type Site } from '../../../planning/site';
import { servingOf, type Serving } from '../../../planning/observed/blue';
import type { RoutePlan } from '../../../planning/routing/rule-set';
import type { Release } from '../../../planning/release/release';
import type { ResolvedRunbookOptions } from '../../../settings/runbook';
import type { RetirementRequest } from '../../../contract/runbook-requests';
import { observeServing, planning, type PlanDependencies } from './observe';

export interface RetirementPlan {
  readonly site: Site;
  readonly options: ResolvedRunbookOptions;
  readonly live: Serving;
  readonly release?: Release;
  /** `null` when its slot serves, is empty, or has been used since. */
  readonly service: string | null;
  readonly targetGroupArn: string | null;
  /** Keeps the replicas attached to the load balancer until they are drained. */
  readonly testRoute: RoutePlan;
}

/** Effect: none. Errors: `InvalidRequest`. */
export async function planRetirement(
  dependencies: PlanDependencies,
  request: RetirementRequest,
): Promise<RetirementPlan> {
  const { service: _, taskDefinition, ...how } = request;
  return await planning(dependencies, how, 'retireWarm', async (known, planRequest) => {
    const { zone } = known;
    const { listeners, slots, blue } = await observeServing(dependencies.clientsOf(zone), known);
    const kept = slots.find(
      ({ service }) =>
        service?.name === request.service && service.taskDefinitionArn === taskDefinition && service.desiredCount > 0,
    );
    const idle = kept && !(blue.kind === 'slot' && blue.slot === kept.slot);
    const modules = { live: [], test: [], sticky: false, blueTargetGroupArn: null };
    return {
      site: siteOf(zone, planRequest.runId),
      options: planRequest.options,
      live: servingOf(blue),
      ...(blue.kind === 'slot' && blue.release && { release: blue.release }),
      service: idle ? request.service : null,
      targetGroupArn: kept?.targetGroupArn ?? null,
      testRoute: planRoutes(planRequest, listeners, modules).testRoute,
    };
  });
}
