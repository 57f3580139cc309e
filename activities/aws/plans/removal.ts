/** Plans a removal, and deletes what it leaves empty. */
import { DeleteServiceCommand } from '@aws-sdk/client-ecs';
import { DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { PlanRequest } from '../../../planning/plans/deployment';
import type { Site } from '../../../planning/site';
import type { Observed } from '../../../planning/observed/observed';
import { planRemoval as planFrom, type RemovalPlan } from '../../../planning/plans/removal';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { AwsClients } from '../client/clients';
import { isAwsError, unless } from '../client/errors';
import type { KnownApplication } from './applications';
import { observeListeners, observeSlots, planning, type PlanDependencies } from './observe';
import { describeService } from '../ecs/services';

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
