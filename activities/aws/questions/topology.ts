/** Reads what an application is made of on AWS now. */
import type { Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { slotNames, slots, targetGroupName, type ApplicationIdentity, type Slot } from '../../../planning/names';
import { routeRules } from '../../../planning/routing/rule-set';
import {
  matchTargets,
  routeRule,
  type AddressedTask,
  type SlotTree,
  type TargetState,
  type Topology,
} from '../../../planning/topology';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeRules } from '../elb/listener-rules';
import { describeService } from '../ecs/services';
import { recordedImage } from '../ecs/task-definitions';
import { describeTargetGroup, describeTargets } from '../elb/target-groups';
import { describeTasks } from '../ecs/tasks';

export async function describeTopology(
  clients: AwsClients,
  identity: ApplicationIdentity,
  zone: ZoneSettings,
): Promise<Topology> {
  const live = await describeRules(clients.elb, zone.listener);
  const test = zone.testListener === undefined ? live : await describeRules(clients.elb, zone.testListener);
  const byDefault = live.find(({ priority }) => priority === 'default')?.forward[0]?.targetGroupArn;
  return {
    zone: identity.zone,
    application: identity.name,
    at: new Date().toISOString(),
    rules: [
      ...routeRules(live, identity, 'live').map((rule) => routeRule(rule, 'live')),
      ...routeRules(test, identity, 'test').map((rule) => routeRule(rule, 'test')),
    ],
    defaultTargetGroup: byDefault === undefined ? null : targetGroupName(byDefault),
    slots: await Promise.all(slots.map((slot) => describeSlot(clients, zone.cluster, identity, slot))),
  };
}

async function describeSlot(
  clients: AwsClients,
  cluster: string,
  identity: ApplicationIdentity,
  slot: Slot,
): Promise<SlotTree> {
  const names = slotNames(identity, slot);
  const service = await describeService(clients.ecs, cluster, names.service);
  const group = await describeTargetGroup(clients.elb, names.targetGroup);
  const tasks = service ? await describeTasks(clients, cluster, names.service, 'RUNNING') : [];
  const targets = group?.TargetGroupArn ? await describeTargets(clients.elb, group.TargetGroupArn) : [];
  return {
    slot,
    targetGroup: group?.TargetGroupName ?? null,
    service: service
      ? {
          name: names.service,
          image: await recordedImage(clients.ecs, service.taskDefinition ?? ''),
          desired: service.desiredCount ?? 0,
          running: service.runningCount ?? 0,
          pending: service.pendingCount ?? 0,
        }
      : null,
    ...matchTargets(tasks.map(placedTask), targets.map(targetState)),
  };
}

/** A task in the host's network is a target by its port; one with its own network, by its address. */
function placedTask({ taskArn = '', lastStatus = '', containers = [] }: Task): AddressedTask {
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
