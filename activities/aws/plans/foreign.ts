/** Reads what another tool put behind an application's modules: the service that its rules lead to. Effect: none. */
import { paginateListServices, DescribeServicesCommand, type Service, type TaskDefinition } from '@aws-sdk/client-ecs';
import { findForeignRoute } from '../../../planning/adoption/foreign-route';
import { targetGroupName, type ApplicationIdentity } from '../../../planning/names';
import { reachedThrough } from '../../../planning/observed/services';
import { Refusal } from '../../../planning/refusal';
import type { ForeignRoute, ObservedForeign, ObservedService } from '../../../planning/observed/observed';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { hostsOf, inZone, publicPaths } from '../../../planning/routing/live-and-test-routes';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { observeService } from '../ecs/observed-services';
import { describeTagged } from '../ecs/task-definitions';
import { observeTargetGroup } from '../elb/target-groups';

export interface ForeignRequest {
  readonly identity: ApplicationIdentity;
  readonly zone: ZoneSettings;
  /** The live listener's. */
  readonly rules: readonly ListenerRule[];
  /** The modules that the application has, or is to have. */
  readonly modules: readonly string[];
  /** Modules that are published under another path than their own name. */
  readonly paths: Readonly<Record<string, string>>;
}

/**
 * `undefined` where no rule of another tool catches the modules.
 * @throws {Refusal} when the modules are behind several target groups
 */
export async function observeForeign(
  clients: AwsClients,
  { identity, zone, rules, modules, paths }: ForeignRequest,
): Promise<ObservedForeign | undefined> {
  const route = findForeignRoute(identity, inZone(zone, { rules }), publicPaths(modules, paths), hostsOf(zone));
  if (!route) return undefined;
  const name = await serviceBehind(clients, zone.cluster, route);
  const service = name === undefined ? null : await observeService(clients.ecs, zone.cluster, name);
  const targetGroupArn =
    'targetGroupArn' in route.behind ? route.behind.targetGroupArn : groupOf(service?.targetGroupArns ?? [], route);
  const adopted = service ? await describeTagged(clients.ecs, service.taskDefinitionArn) : undefined;
  const behind = service && reachedThrough(service, targetGroupArn);
  return {
    route,
    service: behind && { ...behind, image: imageOf(behind, adopted) },
    targetGroupArn,
    ...(targetGroupArn === null ? { attributes: {} } : await observeTargetGroup(clients.elb, targetGroupArn)),
    ...(adopted && { adopted }),
  };
}

/** The one of a marked service's target groups that its rules lead to, or did: a cut that was terminated keeps it attached. */
function groupOf(groups: readonly string[], { rules }: ForeignRoute): string | null {
  const attached = rules.flatMap(({ forward }) => forward.map(({ targetGroupArn }) => targetGroupArn));
  const own = groups.find((arn) => attached.includes(arn));
  if (own !== undefined || groups.length < 2) return own ?? groups[0] ?? null;
  throw new Refusal(
    `A deployment that adopts was terminated after its cut, and which of the target groups ${groups.map(targetGroupName).join(', ')} is behind which of the zone's listeners can't be told any more: let the marked rules lead to the adopted service again first.`,
  );
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

/** The image of the container that the load balancer reaches, else of the first one. */
function imageOf({ container }: ObservedService, { containerDefinitions = [] }: TaskDefinition = {}): string | null {
  const own = containerDefinitions.find(({ name }) => name === container?.name) ?? containerDefinitions[0];
  return own?.image ?? null;
}
