/** Plans the retirement of replicas that a deployment kept warm. */
import { planRetirement as planFrom, type RetirementPlan } from '../../../planning/plans/retirement';
import type { RetirementRequest } from '../../../contract/runbook-requests';
import { observeOwn } from './observe';
import { planRunbook, type PlanDependencies } from './runbook-plan';

/** Effect: none. @throws {ApplicationFailure} of type `InvalidRequest` when it can't be told what serves */
export async function planRetirement(
  dependencies: PlanDependencies,
  { service, taskDefinition, ...request }: RetirementRequest,
): Promise<RetirementPlan> {
  return await planRunbook(dependencies, 'retireWarm', request, {
    read: (clientsOf, known) => observeOwn(clientsOf(known.zone), known),
    decide: (planRequest, observed) => planFrom(planRequest, observed, { service, taskDefinition }),
  });
}
