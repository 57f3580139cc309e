/** Plans a new configuration for the image that serves. */
import {
  planConfigurationUpdate,
  type ServingApplication,
  type UnchangedConfiguration,
} from '../../../planning/plans/configuration-update';
import type { PlannedDeployment } from '../../../planning/plans/by-strategy';
import { blueOf } from '../../../planning/observed/blue';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { PublishedConfiguration } from '../../files/configuration';
import { isForgotten } from '../ecr/images';
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
): RunbookPlanner<ServingApplication, PlannedDeployment | UnchangedConfiguration> => ({
  read: async (clientsOf, known) => {
    const observed = await observeOwn(clientsOf(known.zone), known);
    const blue = blueOf(known.identity, observed.liveListener, observed.slots);
    const { reference } = (blue.kind === 'slot' && blue.release) || {};
    return { ...observed, forgotten: reference !== undefined && (await isForgotten(clientsOf, reference, known.zone)) };
  },
  decide: (request, observed) => planConfigurationUpdate(request, observed, published),
});
