/** Plans a new configuration for the image that serves. */
import { planConfigurationUpdate, type UnchangedConfiguration } from '../../../planning/plans/configuration-update';
import type { PlannedDeployment } from '../../../planning/plans/by-strategy';
import type { PlannableApplication } from '../../../planning/observed/observed';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { PublishedConfiguration } from '../../files/configuration';
import { observeOwn } from './observe';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';

/**
 * The plan that brings the configuration as it is now to every replica.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when the application isn't in containers, or has no configuration
 */
export const planUpdateConfiguration = (
  dependencies: PlanDependencies,
  request: RunbookRequest,
  published: PublishedConfiguration | null,
): Promise<PlannedDeployment | UnchangedConfiguration> =>
  planRunbook(dependencies, 'updateConfiguration', request, configurationPlanner(published));

export const configurationPlanner = (
  published: PublishedConfiguration | null,
): RunbookPlanner<PlannableApplication, PlannedDeployment | UnchangedConfiguration> => ({
  read: (clientsOf, known) => observeOwn(clientsOf(known.zone), known),
  decide: (request, observed) => planConfigurationUpdate(request, observed, published),
});
