/** Plans what a call of the platform starts: from the settings and from what serves. Writes nothing. */
import type { PlatformClock } from '../../planning/platform-clock';
import { planHookDeployment, type HookDeploymentPlan } from '../../planning/plans/hook-deployment';
import { hookMethods, type HookMethod, type HookCallRequest } from '../../contract/hook-calls';
import { inZone } from '../../planning/routing/live-and-test-routes';
import { slotNames } from '../../planning/names';
import { describeTaskDefinition } from '../aws/ecs/task-definitions';
import { describeListener } from '../aws/elb/listener-rules';
import { resolveApplication } from '../aws/plans/applications';
import { observeSlots } from '../aws/plans/observe';
import { refusing, type PlanDependencies } from '../aws/plans/runbook-plan';

/**
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when something stands in the way, with a sentence that says what
 */
export async function planDeployment(
  { settings, clientsOf }: PlanDependencies,
  method: HookMethod,
  request: HookCallRequest,
  clock: PlatformClock | null,
): Promise<HookDeploymentPlan> {
  const given = { name: request.applicationName, key: request.applicationKey };
  const known = resolveApplication(settings(), `${request.zone}/${given.name}`, given);
  const { identity, zone } = known;
  const clients = clientsOf(zone);
  const liveListener = inZone(zone, await describeListener(clients.elb, zone.listener));
  const slots = await observeSlots(clients, known, liveListener.rules);
  const { taskDefinitionFamily } = slotNames(identity, 'a');
  const asked = {
    hasReleases: (await describeTaskDefinition(clients.ecs, taskDefinitionFamily)) !== undefined,
    application: identity,
    zone,
    removes: method === 'ContainerRemove',
    reason: `${hookMethods[method].step}, operation ${request.operationId}`,
    clock,
  };
  return await refusing(() => planHookDeployment(asked, { liveListener, slots }));
}
