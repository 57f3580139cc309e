/** Plans a deployment of an image, by either strategy. */
import { together } from '../../concurrency';
import { planBlueGreen, type DeploymentPlan } from '../../../planning/plans/deployment';
import type { PlanRequest } from '../../../planning/plans/plan-request';
import { planRollingUpdate, type RollingUpdatePlan } from '../../../planning/plans/rolling-update';
import { servingBase } from '../../../planning/observed/resource-names';
import type { Observed } from '../../../planning/observed/observed';
import type { DeploymentRequest } from '../../../contract/runbook-requests';
import type { PublishedConfiguration } from '../../files/configuration';
import type { ClientsOf } from '../client/clients';
import { describeRelease } from '../ecr/images';
import { withScaling } from '../scaling/scaling';
import type { KnownApplication } from './applications';
import { observeForeign } from './foreign';
import { observeSlots } from './observe';
import { observeListeners } from './observed-listeners';
import { withOtherListeners, type OtherListenersRequest } from './other-listeners';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';

/** Effect: none. @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way */
export const planBlueGreenDeployment = (
  dependencies: PlanDependencies,
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
): Promise<DeploymentPlan> =>
  planRunbook(dependencies, 'blueGreen', request, deploymentPlanner(request, configuration, planBlueGreen));

/** Effect: none. @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way */
export const planRollingDeployment = (
  dependencies: PlanDependencies,
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
): Promise<RollingUpdatePlan> =>
  planRunbook(dependencies, 'rollingUpdate', request, deploymentPlanner(request, configuration, planRollingUpdate));

export const deploymentPlanner = <Plan>(
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
  decide: (request: PlanRequest, observed: Observed) => Plan,
): RunbookPlanner<Observed, Plan> => ({
  read: (clientsOf, known) => observeDeployment(clientsOf, known, request, configuration),
  decide,
});

/** @throws {Refusal} when the image can't be deployed, or its modules are behind several target groups of another tool */
async function observeDeployment(
  clientsOf: ClientsOf,
  known: KnownApplication,
  request: DeploymentRequest,
  configuration: PublishedConfiguration | null,
): Promise<Observed> {
  const { identity, zone, application } = known;
  const clients = clientsOf(zone);
  const reading = observeListeners(clients, zone);
  const [listeners, slots, release] = await together([
    reading,
    reading.then(({ liveListener }) => observeSlots(clients, known, liveListener.rules)),
    describeRelease(clientsOf, request.image, zone, {
      ...(request.modules && { asked: request.modules }),
      ...(application.modules && { fallback: application.modules }),
    }),
  ]);
  const { rules } = listeners.liveListener;
  const { modules } = release;
  const { paths } = application;
  const foreign = await observeForeign(clients, { identity, zone, rules, modules, paths });
  const scaled = await withScaling(clients, zone.cluster, {
    ...listeners,
    slots,
    ...(foreign && { foreign }),
    release: { ...release, configuration: configuration?.sha256 ?? null },
  });
  const base = servingBase(identity, rules);
  const findForeign: OtherListenersRequest['findForeign'] = (through, theirs) =>
    observeForeign(clients, { identity, zone: through, rules: theirs, modules, paths });
  return await withOtherListeners(clients, { identity, zone, base, findForeign }, scaled);
}
