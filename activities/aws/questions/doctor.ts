/** Looks at everything in a zone that deployments depend on. Changes nothing. */
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import {
  finding,
  findClashes,
  findLeftovers,
  findQuotas,
  type Finding,
  type KnownModules,
  type SlotUse,
} from '../../../planning/doctor';
import { sendsTo, type ListenerRule } from '../../../planning/routing/listener-rules';
import { routeRules } from '../../../planning/routing/rule-set';
import { hostsOf } from '../../../planning/routing/live-and-test-routes';
import type { ApplicationIdentity } from '../../../planning/names';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeLoadBalancerUse } from '../elb/load-balancers';
import { examinePermissions } from './permissions';
import { observeListeners, observeSlots } from '../plans/observe';

export async function examineZone(
  clients: AwsClients,
  zone: ZoneSettings,
  applications: readonly KnownModules[],
): Promise<Finding[]> {
  const identity = await attempt('AWS identity', () => describeIdentity(clients));
  // Without an identity every other call fails for the same reason.
  if (identity.some(({ state }) => state === 'error')) return identity;
  return [
    ...identity,
    ...(await attempt('permissions', () => examinePermissions(clients, zone))),
    ...(await attempt('cluster', () => describeCluster(clients, zone))),
    ...(await attempt('listener', () => examineListeners(clients, zone, applications))),
  ];
}

/** What can't be looked at is a finding too, and hides nothing else. */
async function attempt(check: string, look: () => Promise<Finding[]>): Promise<Finding[]> {
  try {
    return await look();
  } catch (error) {
    return [finding(check, 'error', (error as Error).message, 'Mend this first: it could not be looked at.')];
  }
}

async function describeIdentity({ sts }: AwsClients): Promise<Finding[]> {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return [finding('AWS identity', 'ok', `the worker is ${Arn}`)];
}

async function describeCluster({ ecs }: AwsClients, zone: ZoneSettings): Promise<Finding[]> {
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [zone.cluster] }));
  const status = clusters[0]?.status ?? 'missing';
  if (status === 'ACTIVE') return [finding('cluster', 'ok', `${zone.cluster} is active`)];
  return [finding('cluster', 'error', `${zone.cluster} is ${status}`, 'Create it, or correct "cluster" of the zone.')];
}

async function examineListeners(
  clients: AwsClients,
  zone: ZoneSettings,
  applications: readonly KnownModules[],
): Promise<Finding[]> {
  const { liveListener, testListener, elsewhere } = await observeListeners(clients.elb, zone);
  return [
    listenerFinding('listener', liveListener),
    ...(zone.testListener === undefined ? [] : [listenerFinding('test listener', testListener)]),
    ...findClashes(liveListener.rules, applications, hostsOf(zone)),
    ...findQuotas(
      await describeLoadBalancerUse(clients.elb, { liveListener, elsewhere }),
      liveListener.rules,
      zone.priorities,
    ),
    ...(await examineLeftovers(clients, zone, applications, liveListener, testListener.rules)),
  ];
}

const listenerFinding = (check: string, { protocol, port, loadBalancerDnsName, rules }: ObservedListener) =>
  finding(check, 'ok', `${protocol}:${port} of ${loadBalancerDnsName}, ${rules.length} rules`);

async function examineLeftovers(
  clients: AwsClients,
  zone: ZoneSettings,
  applications: readonly KnownModules[],
  live: ObservedListener,
  test: readonly ListenerRule[],
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const { identity } of applications) {
    const use = await describeSlotUse(clients, zone, identity, live);
    found.push(...findLeftovers(identity, live.rules, test, use));
  }
  return found.length > 0 ? found : [finding('leftovers', 'ok', 'no deployment left anything behind')];
}

async function describeSlotUse(
  clients: AwsClients,
  { cluster }: ZoneSettings,
  identity: ApplicationIdentity,
  live: ObservedListener,
): Promise<SlotUse[]> {
  const slots = await observeSlots(clients, cluster, identity, live.rules);
  const rules = routeRules(live.rules, identity, 'live');
  return slots.flatMap(({ slot, service, targetGroupArn }) =>
    service
      ? [
          {
            slot,
            service: service.name,
            desiredCount: service.desiredCount,
            isLive: targetGroupArn !== null && rules.some((rule) => sendsTo(rule, targetGroupArn)),
          },
        ]
      : [],
  );
}
