/** Reads what another tool put behind an application. */
import { paginateListServices, DescribeServicesCommand, type Service } from '@aws-sdk/client-ecs';
import { findForeignRoute } from '../../../planning/adoption/adoption';
import { hostsOf, publicPaths } from '../../../planning/routing/live-and-test-routes';
import type { ApplicationIdentity } from '../../../planning/names';
import type { ForeignRoute, ObservedForeign } from '../../../planning/observed/observed';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { observeService } from '../ecs/observed-services';
import { describeAttributes } from '../elb/target-groups';
import { describeTaskDefinition } from '../ecs/task-definitions';

/** What another tool made, where its rules catch the modules; `undefined` where there is nothing of the kind. */
export async function observeForeign(
  clients: AwsClients,
  application: ApplicationIdentity,
  zone: ZoneSettings,
  live: ObservedListener,
  modules: readonly string[],
  paths: Readonly<Record<string, string>>,
): Promise<ObservedForeign | undefined> {
  const route = findForeignRoute(application, live, publicPaths(modules, paths), hostsOf(zone));
  if (!route) return undefined;
  const name = await serviceBehind(clients, zone.cluster, route);
  const service = name === undefined ? null : await observeService(clients.ecs, zone.cluster, name);
  const targetGroupArn =
    'targetGroupArn' in route.behind ? route.behind.targetGroupArn : (service?.targetGroupArns[0] ?? null);
  const image = service && (await imageOf(clients, zone, service.taskDefinitionArn));
  return {
    route,
    service: service && { ...service, image },
    targetGroupArn,
    attributes: targetGroupArn === null ? {} : await describeAttributes(clients.elb, targetGroupArn),
  };
}

async function serviceBehind(
  { ecs }: AwsClients,
  cluster: string,
  { behind }: ForeignRoute,
): Promise<string | undefined> {
  if ('service' in behind) return behind.service;
  // DescribeServices takes ten a call.
  for await (const { serviceArns = [] } of paginateListServices({ client: ecs, pageSize: 10 }, { cluster })) {
    if (serviceArns.length === 0) continue;
    const { services = [] } = await ecs.send(new DescribeServicesCommand({ cluster, services: serviceArns }));
    const found = services.find((service) => uses(service, behind.targetGroupArn));
    if (found) return found.serviceName;
  }
  return undefined;
}

const uses = ({ loadBalancers = [], status }: Service, targetGroupArn: string) =>
  status === 'ACTIVE' && loadBalancers.some((entry) => entry.targetGroupArn === targetGroupArn);

/** Of the zone's container, else of the first one. */
async function imageOf(clients: AwsClients, { container }: ZoneSettings, reference: string): Promise<string | null> {
  const { containerDefinitions = [] } = (await describeTaskDefinition(clients.ecs, reference)) ?? {};
  const own = containerDefinitions.find(({ name }) => name === container.name) ?? containerDefinitions[0];
  return own?.image ?? null;
}
