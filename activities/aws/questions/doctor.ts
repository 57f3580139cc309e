/** Looks at everything in a zone that deployments depend on. Changes nothing. */
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { findClashes } from '../../../planning/findings/clashes';
import { findDnsHealth } from '../../../planning/findings/dns-health';
import { findUsersLeftBehind } from '../../../planning/findings/left-behind';
import { findUnseen } from '../../../planning/findings/unseen';
import { findQuotas } from '../../../planning/findings/room';
import { finding, type Finding } from '../../../planning/doctor';
import type { SeenBeside } from '../../../planning/observed/observed';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import { seenBy } from '../../../planning/routing/listener-rules';
import {
  hostsOf,
  inZone,
  probeOf,
  routeAddress,
  type RouteListeners,
} from '../../../planning/routing/live-and-test-routes';
import { zoneThrough, zoneThroughEach } from '../../../planning/listeners/others';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients, ClientsOf } from '../client/clients';
import { diagnoseNodes } from '../../probes/diagnosis';
import { describeListener } from '../elb/listener-rules';
import { describeGroupHealth, describeLoadBalancerUse } from '../elb/load-balancers';
import type { ObservableApplication } from '../plans/observe';
import { observeListeners } from '../plans/observed-listeners';
import { diagnoseApplications } from './applications-diagnosis';
import { attempt } from './attempt';
import { findMissingPermissions } from './permissions';

export async function diagnoseZone(
  clientsOf: ClientsOf,
  zone: ZoneSettings,
  applications: readonly ObservableApplication[],
): Promise<Finding[]> {
  const clients = clientsOf(zone);
  const identity = await attempt('AWS identity', () => describeIdentity(clients));
  // Without an identity every other call fails for the same reason.
  if (identity.some(({ state }) => state === 'error')) return identity;
  return [
    ...identity,
    ...(await attempt('permissions', () => findMissingPermissions(clients, zone))),
    ...(await attempt('cluster', () => describeCluster(clients, zone))),
    ...(await attempt('listener', () => diagnoseListeners(clientsOf, zone, applications))),
    ...(await diagnoseOthers(clients, zone, applications)),
    ...(await attempt('load balancer nodes', async () => await diagnoseNodesOf(clients, zone))),
  ];
}

async function describeIdentity({ sts }: AwsClients): Promise<Finding[]> {
  const { Arn } = await sts.send(new GetCallerIdentityCommand({}));
  return [finding({ check: 'AWS identity', state: 'ok', says: `the worker is ${Arn}` })];
}

async function describeCluster({ ecs }: AwsClients, zone: ZoneSettings): Promise<Finding[]> {
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({ clusters: [zone.cluster] }));
  const status = clusters[0]?.status ?? 'missing';
  if (status === 'ACTIVE') return [finding({ check: 'cluster', state: 'ok', says: `${zone.cluster} is active` })];
  const next = 'Create it, or correct "cluster" of the zone.';
  return [finding({ check: 'cluster', state: 'error', says: `${zone.cluster} is ${status}`, next })];
}

async function diagnoseListeners(
  clientsOf: ClientsOf,
  zone: ZoneSettings,
  applications: readonly ObservableApplication[],
): Promise<Finding[]> {
  const clients = clientsOf(zone);
  const listeners = await observeListeners(clients, zone);
  const others: (RouteListeners & Pick<SeenBeside, 'settings'>)[] = [];
  for (const settings of zone.otherListeners ?? []) {
    const { testListener, ...other } = zoneThrough(zone, settings);
    const liveListener = inZone(other, await describeListener(clients.elb, other.listener));
    const test = testListener === undefined ? liveListener : await describeListener(clients.elb, testListener);
    others.push({ settings, liveListener, testListener: test });
  }
  const through = [listeners, ...others].map(({ liveListener }) => liveListener);
  const rules = { ...listeners, ...(others.length > 0 && { others }) };
  return [
    ...(await diagnoseListener(clients, zone, applications, listeners)),
    ...(await diagnoseApplications(clientsOf, zone, applications, { rules, through })),
  ];
}

/** The rules and the room on the zone's other load balancers; what is left over is found by its services. */
async function diagnoseOthers(
  clients: AwsClients,
  zone: ZoneSettings,
  applications: readonly ObservableApplication[],
): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const other of zoneThroughEach(zone).slice(1))
    found.push(
      ...(await attempt('listener', async () =>
        diagnoseListener(clients, other, applications, await observeListeners(clients, other)),
      )),
    );
  return found;
}

async function diagnoseListener(
  clients: AwsClients,
  zone: ZoneSettings,
  applications: readonly ObservableApplication[],
  listeners: Awaited<ReturnType<typeof observeListeners>>,
): Promise<Finding[]> {
  const { liveListener, testListener } = listeners;
  const { rules } = liveListener;
  const known = applications.map(({ identity, application: { modules = [] } }) => ({ identity, modules }));
  return [
    listenerFinding('listener', liveListener),
    ...(zone.testListener === undefined ? [] : [listenerFinding('test listener', testListener)]),
    ...findClashes(seenBy(rules, liveListener.met), known, hostsOf(zone)),
    ...findUnseen(rules, known, {
      probe: probeOf(zone),
      platformServer: liveListener.platformServer,
      sameFrontEnds: liveListener.sameFrontEnds,
      unknownFrontEnds: liveListener.unknownFrontEnds,
      priorities: zone.priorities,
    }),
    ...findUsersLeftBehind(known, {
      liveListener,
      elsewhere: listeners.elsewhere,
      testListener: testListener.arn,
      probe: probeOf(zone),
    }),
    ...findQuotas(await describeLoadBalancerUse(clients.elb, listeners), rules, zone.priorities),
    ...(await attempt('DNS failover', async () => findDnsHealth(await describeGroupHealth(clients.elb, listeners)))),
  ];
}

async function diagnoseNodesOf({ elb }: AwsClients, zone: ZoneSettings): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const one of zoneThroughEach(zone))
    found.push(...(await diagnoseNodes(routeAddress(await describeListener(elb, one.listener), one))));
  return found;
}

const listenerFinding = (check: string, { protocol, port, loadBalancerDnsName, rules }: ObservedListener) =>
  finding({ check, state: 'ok', says: `${protocol}:${port} of ${loadBalancerDnsName}, ${rules.length} rules` });
