/** Plans a removal. */
import { resourceBase } from '../../../planning/names';
import type { PlannableApplication } from '../../../planning/observed/observed';
import { findModules } from '../../../planning/plans/remains';
import { planRemoval as planFrom, type RemovalPlan } from '../../../planning/plans/removal';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import { observeSlots } from './observe';
import { observeListeners } from './observed-listeners';
import { withOtherListeners } from './other-listeners';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';

/**
 * The plan of a removal. Nobody is asked for an approval unless the request says so, or the settings name approvers.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way
 */
export const planRemoval = (dependencies: PlanDependencies, request: RunbookRequest): Promise<RemovalPlan> =>
  planRunbook(dependencies, 'removeApplication', request, removalPlanner);

/** The slots that bear the application's present name: under an earlier one it is another application to a removal. */
export const removalPlanner: RunbookPlanner<PlannableApplication & ConfiguredModules, RemovalPlan> = {
  read: async (clientsOf, known) => {
    const clients = clientsOf(known.zone);
    const listeners = await observeListeners(clients, known.zone);
    const slots = await observeSlots(clients, known);
    const base = resourceBase(known.identity);
    const observed = await withOtherListeners(clients, { ...known, base }, { ...listeners, slots });
    return { ...observed, configuredModules: known.application.modules ?? [] };
  },
  decide: (request, { configuredModules, ...observed }) =>
    planFrom(request, observed, findModules(observed, configuredModules)),
};

interface ConfiguredModules {
  /** The application's in the settings; empty where they name none. */
  readonly configuredModules: readonly string[];
}
