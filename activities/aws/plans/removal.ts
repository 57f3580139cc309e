/** Plans a removal. */
import type { PlanRequest } from '../../../planning/plans/deployment';
import type { Observed } from '../../../planning/observed/observed';
import { planRemoval as planFrom, type RemovalPlan } from '../../../planning/plans/removal';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { KnownApplication } from './applications';
import { observeListeners, observeSlots, planning, type PlanDependencies } from './observe';

/**
 * The plan of a removal. Nobody is asked for an approval unless the request says so.
 * Errors: `InvalidRequest` when something stands in the way.
 */
export async function planRemoval(dependencies: PlanDependencies, request: RunbookRequest): Promise<RemovalPlan> {
  return await planning(
    dependencies,
    { approval: 'none', ...request },
    'removeApplication',
    async (known, planRequest) => (await decideRemoval(dependencies, known, planRequest)).planned,
  );
}

/** @throws {Refusal} as above */
export async function decideRemoval(
  { clientsOf }: PlanDependencies,
  { identity, zone, application }: KnownApplication,
  request: PlanRequest,
): Promise<{ readonly planned: RemovalPlan; readonly observed: Omit<Observed, 'release'> }> {
  const clients = clientsOf(zone);
  const listeners = await observeListeners(clients.elb, zone);
  const slots = await observeSlots(clients, zone.cluster, identity);
  const recorded = slots.flatMap(({ service }) => (service?.desiredCount ? (service.release?.modules ?? []) : []));
  const modules = recorded.length > 0 ? recorded : (application.modules ?? []);
  const observed = { ...listeners, slots };
  return { planned: planFrom(request, observed, [...new Set(modules)]), observed };
}
