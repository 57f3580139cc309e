/**
 * The releases of an application, found under every name that it has had, with the requests that failed meanwhile. Effect: none.
 */
import { zoneThroughEach } from '../../../planning/listeners/others';
import { blueOf } from '../../../planning/observed/blue';
import type { ObservedApplication } from '../../../planning/observed/observed';
import { resourceBases } from '../../../planning/observed/resource-names';
import type { ApplicationIdentity } from '../../../planning/names';
import type { ZoneSettings } from '../../../settings/schema';
import type { ReleaseEntry } from '../../../contract/status';
import type { AwsClients } from '../client/clients';
import { refusing } from '../plans/runbook-plan';
import { withFailingRequests } from './failing-requests';
import { describeReleases } from './releases';

/**
 * Newest first.
 * @throws {ApplicationFailure} of type `InvalidRequest` when its rules lead to something that no slot has
 */
export async function describeHistory(
  clients: AwsClients,
  identity: ApplicationIdentity,
  zone: ZoneSettings,
  observed: ObservedApplication,
): Promise<ReleaseEntry[]> {
  const { liveListener, slots } = observed;
  const blue = await refusing(() => blueOf(identity, liveListener, slots));
  const servingArn = blue.kind === 'slot' ? blue.taskDefinitionArn : null;
  // A task definition's family is what the slots' names begin with.
  const releases = await describeReleases(clients.ecs, resourceBases(identity, observed), servingArn);
  const groups = slots.flatMap(({ targetGroupArn, service }) => [
    targetGroupArn ?? [],
    ...(service?.targetGroupArns ?? []),
  ]);
  const listenerArns = zoneThroughEach(zone).map(({ listener }) => listener);
  return await withFailingRequests(clients, listenerArns, [...new Set(groups.flat())], releases);
}
