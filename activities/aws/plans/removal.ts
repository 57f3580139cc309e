/** Plans a removal, and deletes what it leaves empty. */
import { DeleteServiceCommand } from '@aws-sdk/client-ecs';
import { DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { Site } from '../../../planning/site';
import type { PlannableApplication } from '../../../planning/observed/observed';
import { findModules } from '../../../planning/plans/remains';
import { planRemoval as planFrom, type RemovalPlan } from '../../../planning/plans/removal';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import { observeListeners, observeSlots } from './observe';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';
import { describeService } from '../ecs/services';

/**
 * The plan of a removal. Nobody is asked for an approval unless the request says so.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way
 */
export const planRemoval = (dependencies: PlanDependencies, request: RunbookRequest): Promise<RemovalPlan> =>
  planRunbook(dependencies, 'removeApplication', { approval: 'none', ...request }, removalPlanner);

/** The slots that bear the application's present name: under an earlier one it is another application to a removal. */
export const removalPlanner: RunbookPlanner<PlannableApplication & ConfiguredModules, RemovalPlan> = {
  read: async (clientsOf, known) => {
    const clients = clientsOf(known.zone);
    const listeners = await observeListeners(clients.elb, known.zone);
    const slots = await observeSlots(clients, known);
    return { ...listeners, slots, configuredModules: known.application.modules ?? [] };
  },
  decide: (request, { configuredModules, ...observed }) =>
    planFrom(request, observed, findModules(observed, configuredModules)),
};

interface ConfiguredModules {
  /** The application's in the settings; empty where they name none. */
  readonly configuredModules: readonly string[];
}

/** Effect: at most one DeleteService, of a service that wants no task. */
export async function deleteService(ecs: AwsClients['ecs'], { cluster }: Site, name: string): Promise<void> {
  const found = await describeService(ecs, cluster, name);
  if (!found || found.status === 'DRAINING') return;
  if (found.desiredCount !== 0)
    throw ApplicationFailure.nonRetryable(
      `Somebody scaled ECS service ${name} to ${found.desiredCount} while it was being removed: scale it to 0 and retry.`,
      'ServiceChangedByOthers',
    );
  await ecs.send(new DeleteServiceCommand({ cluster, service: name }));
}

/** Effect: at most one DeleteTargetGroup. A rule that was just deleted may hold it for a moment: that is tried again. */
export async function deleteTargetGroup(elb: AwsClients['elb'], arn: string): Promise<void> {
  try {
    await unless('TargetGroupNotFound', undefined, elb.send(new DeleteTargetGroupCommand({ TargetGroupArn: arn })));
  } catch (failure) {
    if (!isAwsError(failure, 'ResourceInUse')) throw failure;
    throw ApplicationFailure.retryable(`Target group ${arn} is still in use.`, 'NotYet');
  }
}
