/** Reads what an application is made of on AWS now: its tasks and their health, beside what every plan reads. Effect: none. */
import type { Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { targetGroupName, type ApplicationIdentity } from '../../../planning/names';
import { defaultTargetGroup } from '../../../planning/observed/blue';
import type { FoundSlot, ObservedApplication, ObservedForeign } from '../../../planning/observed/observed';
import { nameThrough } from '../../../planning/listeners/others';
import { liveRulesOf } from '../../../planning/observed/services';
import { routeRules } from '../../../planning/routing/rule-set';
import {
  matchTargets,
  routeRule,
  type AddressedTask,
  type RouteRule,
  type ServiceTree,
  type TargetState,
  type TargetTree,
  type Topology,
} from '../../../planning/topology';
import type { AwsClients } from '../client/clients';
import { describeTasks } from '../ecs/tasks';
import { describeTargets } from '../elb/target-groups';

type Found = FoundSlot | ObservedForeign;

export async function describeTopology(
  clients: AwsClients,
  cluster: string,
  identity: ApplicationIdentity,
  observed: ObservedApplication,
): Promise<Topology> {
  const { liveListener, slots, foreign, others = [] } = observed;
  const byDefault = defaultTargetGroup(liveListener);
  const treeOf = (found: Found) => describeServiceTree(clients, cluster, found);
  return {
    zone: identity.zone,
    application: identity.name,
    at: new Date().toISOString(),
    rules: [
      ...routesOf(identity, observed),
      ...others.flatMap((other) => routesOf(identity, other, nameThrough(other.settings))),
    ],
    defaultTargetGroup: byDefault === null ? null : targetGroupName(byDefault),
    slots: await Promise.all(slots.map(async (found) => ({ slot: found.slot, ...(await treeOf(found)) }))),
    ...(foreign?.service && { foreign: await treeOf(foreign) }),
  };
}

/** The application's rules on one listener. @param through as {@link routeRule} takes it */
const routesOf = (
  identity: ApplicationIdentity,
  seen: Pick<ObservedApplication, 'liveListener' | 'testListener' | 'foreign'>,
  through?: string,
): RouteRule[] => [
  ...liveRulesOf(identity, seen).map((rule) => routeRule(rule, 'live', through)),
  ...routeRules(seen.testListener.rules, identity, 'test').map((rule) => routeRule(rule, 'test', through)),
];

async function describeServiceTree(
  clients: AwsClients,
  cluster: string,
  { service, targetGroupArn }: Found,
): Promise<ServiceTree> {
  const tasks = service ? (await describeTasks(clients, cluster, service.name, 'RUNNING')).map(addressedTask) : [];
  const treeOf = async (arn: string | null): Promise<TargetTree> => {
    const targets = arn === null ? [] : await describeTargets(clients.elb, arn);
    return {
      targetGroup: arn === null ? null : targetGroupName(arn),
      ...matchTargets(tasks, targets.map(targetState)),
    };
  };
  const beside = (service?.targetGroupArns ?? []).filter((arn) => arn !== targetGroupArn);
  return {
    ...(await treeOf(targetGroupArn)),
    service: service && {
      name: service.name,
      image: imageOf(service),
      desired: service.desiredCount,
      running: service.runningCount,
      pending: service.pendingCount,
    },
    ...(beside.length > 0 && { beside: await Promise.all(beside.map(treeOf)) }),
  };
}

/** The image that cutover recorded; of another tool's service, the one that its task definition names. */
const imageOf = (service: NonNullable<Found['service']>): string | null =>
  service.release?.image ?? ('image' in service ? service.image : null);

/** A task in the host's network is a target by its port; one with its own network, by its address. */
function addressedTask({ taskArn = '', lastStatus = '', containers = [] }: Task): AddressedTask {
  const bindings = containers.flatMap(({ networkBindings = [] }) => networkBindings);
  const interfaces = containers.flatMap(({ networkInterfaces = [] }) => networkInterfaces);
  const [own] = interfaces;
  const addresses =
    bindings.length > 0
      ? bindings.map(({ bindIP = '', hostPort = 0 }) => ({
          address: own?.privateIpv4Address ?? bindIP,
          port: hostPort,
        }))
      : interfaces.map(({ privateIpv4Address = '' }) => ({ address: privateIpv4Address, port: null }));
  return { id: taskArn.split('/').at(-1) ?? '', status: lastStatus, addresses };
}

const targetState = ({ Target, TargetHealth }: TargetHealthDescription): TargetState => ({
  address: Target?.Id ?? '',
  port: Target?.Port ?? 0,
  state: TargetHealth?.State ?? 'unknown',
  reason: TargetHealth?.Reason ?? null,
});
