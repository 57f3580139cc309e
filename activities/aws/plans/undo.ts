/** Plans an undo: finds the release before the live one, from what its task definition records, and plans its deployment. */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { planBlueGreen, type DeploymentPlan, type PlanRequest } from '../../../planning/plans/deployment';
import { blueOf } from '../../../planning/observed/blue';
import type { Observed } from '../../../planning/observed/observed';
import { Refusal } from '../../../planning/refusal';
import { digestOf, versionOf } from '../../../planning/release/image-reference';
import { recordOf, releaseLabels, type Release } from '../../../planning/release/release';
import { planRollingUpdate, type RollingUpdatePlan } from '../../../planning/plans/rolling-update';
import type { ZoneSettings } from '../../../settings/schema';
import type { ReleaseEntry } from '../../../contract/status';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { AwsClients } from '../client/clients';
import { withFailingRequests } from '../questions/failing-requests';
import { describeReleases, describeReturn } from '../questions/releases';
import { describeListener } from '../elb/listener-rules';
import { findApplication, type KnownApplication } from './applications';
import { observeServing, observeSlots, planning, type PlanDependencies } from './observe';
import { withScaling } from '../ecs/scaling';
import { describeTaskDefinition, recordedRelease } from '../ecs/task-definitions';
import { slotNames } from '../../../planning/names';

export type UndoPlan =
  | { readonly strategy: 'blueGreen'; readonly plan: DeploymentPlan }
  | { readonly strategy: 'rollingUpdate'; readonly plan: RollingUpdatePlan };

/**
 * The plan that brings the release before. Nobody is asked for an approval unless the request says so: that release has
 * served before, and an undo is urgent.
 * Errors: `InvalidRequest` when there is no release before, or something stands in the way.
 */
export async function planUndo(dependencies: PlanDependencies, request: RunbookRequest): Promise<UndoPlan> {
  return await planning(
    dependencies,
    { approval: 'none', ...request },
    'undo',
    async (known, planRequest) => (await decideUndo(dependencies, known, planRequest)).planned,
  );
}

/** @throws {Refusal} as above */
export async function decideUndo(
  { clientsOf }: PlanDependencies,
  known: KnownApplication,
  request: PlanRequest,
): Promise<{ readonly planned: UndoPlan; readonly observed: Observed }> {
  const observed = await observeBefore(clientsOf(known.zone), known);
  return { planned: planAsAsked(request, observed), observed };
}

/** By the strategy that the options name. */
export const planAsAsked = (request: PlanRequest, observed: Observed): UndoPlan =>
  request.options.strategy === 'rollingUpdate'
    ? { strategy: 'rollingUpdate', plan: planRollingUpdate(request, observed) }
    : { strategy: 'blueGreen', plan: planBlueGreen(request, observed) };

/** What AWS says now, with the release before the live one as the one to deploy. */
async function observeBefore(clients: AwsClients, known: KnownApplication): Promise<Observed> {
  const { identity, zone } = known;
  const { listeners, slots, blue } = await observeServing(clients, known);
  if (blue.kind !== 'slot')
    throw new Refusal(`${identity.name} is served by the Platform Server: there is no release in containers to undo.`);
  const live = await describeTaskDefinition(clients.ecs, blue.taskDefinitionArn);
  const labels = (live?.containerDefinitions ?? []).map(({ dockerLabels = {} }) => dockerLabels);
  const record = recordOf(labels.find((one) => one[releaseLabels.image] !== undefined) ?? {});
  const serving = blue.release?.image ?? 'what serves';
  const previous = (await describeReturn(clients.ecs, blue.taskDefinitionArn)) ?? record.previous;
  if (previous === null || previous === '')
    throw new Refusal(
      `There is no release of ${identity.name} before ${serving}: deploy the image that should serve, or give the application back with "cutover remove".`,
    );
  const earlier = await describeTaskDefinition(clients.ecs, previous);
  const release = earlier && (recordedRelease(earlier) ?? adoptedRelease(earlier, zone, blue.release?.modules ?? []));
  if (!release)
    throw new Refusal(
      `The release before ${serving}, task definition ${previous}, can't be read any more: deploy the image that should serve.`,
    );
  return await withScaling(clients, zone.cluster, { ...listeners, slots, release, earlier });
}

/**
 * What an application was adopted with. It says nothing of its modules: those that serve now are asked for before any traffic
 * moves. `undefined` where it has no container that the zone's load balancer could reach.
 */
function adoptedRelease(
  { containerDefinitions = [] }: TaskDefinition,
  { container }: ZoneSettings,
  modules: readonly string[],
): Release | undefined {
  const image = containerDefinitions.find(({ name }) => name === container.name)?.image;
  if (image === undefined || modules.length === 0) return undefined;
  return { image, reference: image, digest: digestOf(image), version: versionOf(image), modules, configuration: null };
}

/** The releases of an application, newest first. */
export async function describeHistory(
  dependencies: PlanDependencies,
  { zone: zoneName, application }: { readonly zone: string; readonly application: string },
): Promise<ReleaseEntry[]> {
  const { identity, zone } = await findApplication(dependencies, `${zoneName}/${application}`);
  const clients = dependencies.clientsOf(zone);
  const listener = await describeListener(clients.elb, zone.listener);
  const slots = await observeSlots(clients, zone.cluster, identity, listener.rules);
  const blue = blueOf(identity, listener, slots);
  const liveArn = blue.kind === 'slot' ? blue.taskDefinitionArn : null;
  const releases = await describeReleases(clients.ecs, slotNames(identity, 'a').taskDefinitionFamily, liveArn);
  const groups = slots.flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  return await withFailingRequests(clients, listener.arn, groups, releases);
}
