/**
 * Reads what there is of an application's services beside the port that its modules are at: other target groups, and the listeners
 * whose rules may lead to them. Effect: none, and no call where every target group is one of the zone's listeners'.
 */
import { DescribeTargetGroupsCommand, paginateDescribeListeners } from '@aws-sdk/client-elastic-load-balancing-v2';
import { portsBeside, type NamedPort } from '../../../planning/listeners/ports';
import { targetGroupOfPort } from '../../../planning/names';
import type {
  ObservedBeside,
  ObservedForeign,
  ObservedPort,
  ObservedSlot,
  PlannableApplication,
} from '../../../planning/observed/observed';
import type { ObservedListener } from '../../../planning/routing/listener-rules';
import type { AwsClients } from '../client/clients';
import { describeListener } from '../elb/listener-rules';
import { describeOwn, describeTargetGroup, fixedOf, healthCheckOf, observeTargetGroup } from '../elb/target-groups';

type Elb = AwsClients['elb'];
type Seen = Omit<PlannableApplication, 'others'> & {
  readonly others?: readonly ObservedBeside[];
  readonly foreign?: ObservedForeign;
};

/** The application with the other ports of its services; as it is where they have none. @param base what the slots' names begin with */
export async function withPorts<One extends Seen>({ elb }: AwsClients, base: string, seen: One): Promise<One> {
  const named = portsBeside(seen);
  if (named.length === 0) return seen;
  const ports: ObservedPort[] = [];
  for (const port of named) ports.push(await observePort(elb, base, seen, port));
  return { ...seen, ports };
}

async function observePort(elb: Elb, base: string, seen: Seen, port: NamedPort): Promise<ObservedPort> {
  const slots = await Promise.all(
    seen.slots.map((slot) => slotWith(elb, slot, targetGroupOfPort(base, slot.slot, port.id))),
  );
  const foreign = await foreignOf(elb, seen.foreign, port);
  const groups = [...slots, ...(foreign ? [foreign] : [])].flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
  return {
    id: port.id,
    name: port.name,
    port: port.port,
    listeners: await listenersOf(elb, seen, groups),
    slots,
    ...(foreign && { foreign }),
  };
}

/** The slot with another of its target groups, by the group's name: behind another listener, or for another port. */
export async function slotWith(
  elb: Elb,
  { slot, service, adopted }: ObservedSlot,
  targetGroup: string,
): Promise<ObservedSlot> {
  const group = await describeTargetGroup(elb, targetGroup);
  const targetGroupArn = group?.TargetGroupArn ?? null;
  return {
    slot,
    service,
    targetGroupArn,
    ...(await describeOwn(elb, targetGroupArn)),
    ...(group && { healthCheck: healthCheckOf(group), fixed: fixedOf(group) }),
    ...(adopted && { adopted }),
  };
}

async function foreignOf(elb: Elb, foreign: ObservedForeign | undefined, { foreignGroup }: NamedPort) {
  if (!foreign || foreignGroup === undefined) return undefined;
  const { healthCheck: _check, fixed: _fixed, ...kept } = foreign;
  return { ...kept, targetGroupArn: foreignGroup, ...(await observeTargetGroup(elb, foreignGroup)) };
}

/** Every listener of the load balancers that these target groups are behind, with its rules. */
async function listenersOf(elb: Elb, seen: Seen, TargetGroupArns: string[]): Promise<ObservedListener[]> {
  if (TargetGroupArns.length === 0) return [];
  const { TargetGroups = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  const loadBalancers = new Set(TargetGroups.flatMap(({ LoadBalancerArns = [] }) => LoadBalancerArns));
  const known = [seen, ...(seen.others ?? [])].flatMap(({ liveListener, testListener }) => [
    liveListener,
    testListener,
  ]);
  const listeners: ObservedListener[] = [];
  for (const LoadBalancerArn of loadBalancers)
    for await (const { Listeners = [] } of paginateDescribeListeners({ client: elb }, { LoadBalancerArn }))
      for (const { ListenerArn = '' } of Listeners)
        listeners.push(known.find(({ arn }) => arn === ListenerArn) ?? (await describeListener(elb, ListenerArn)));
  return listeners;
}
