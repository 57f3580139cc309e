/** Reads a zone's listeners. Effect: none. */
import { together } from '../../concurrency';
import { ApplicationFailure } from '@temporalio/common';
import { defaultTargetGroups, groupsOfOthers } from '../../../planning/observed/blue';
import { compareFrontEnds, instancesToCompare } from '../../../planning/observed/front-ends';
import type { PlannableApplication } from '../../../planning/observed/observed';
import { inZone, type RouteListeners } from '../../../planning/routing/live-and-test-routes';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeAddresses } from '../ec2/instances';
import { describeListener } from '../elb/listener-rules';
import { describeRulesElsewhere } from '../elb/load-balancers';
import { describeAttributes, describeTargets } from '../elb/target-groups';

/** What of a zone's settings its listeners are read with. */
export type ListenersOfZone = Pick<ZoneSettings, 'listener' | 'testListener'> &
  Partial<Pick<ZoneSettings, 'conditions' | 'platformServer'>>;

type Clients = Pick<AwsClients, 'elb' | 'ec2'>;

/** The live listener, that of the test route, what the load balancer's others do, and how the Platform Server's group is set. */
export async function observeListeners(
  clients: Clients,
  zone: ListenersOfZone,
): Promise<RouteListeners & Pick<PlannableApplication, 'elsewhere' | 'platformServerAttributes'>> {
  const { elb } = clients;
  const { testListener } = zone;
  const [own, tested] = await together([
    describeListener(elb, zone.listener),
    testListener === undefined ? undefined : describeListener(elb, testListener),
  ]);
  const live = inZone(zone, own);
  const test = tested ?? live;
  const groups = defaultTargetGroups(live);
  const [platformServer, ...others] = groups;
  const describeElsewhere = async () => {
    const elsewhere = await describeRulesElsewhere(elb, live, [test]);
    return { elsewhere, frontEnds: await describeFrontEnds(clients, groupsOfOthers(live, elsewhere), groups) };
  };
  const [{ elsewhere, frontEnds }, platformServerAttributes] = await together([
    describeElsewhere(),
    platformServer !== undefined && others.length === 0 ? describeAttributes(elb, platformServer) : undefined,
  ]);
  return {
    liveListener: { ...live, ...frontEnds },
    testListener: test,
    elsewhere,
    ...(platformServerAttributes && { platformServerAttributes }),
  };
}

/**
 * Whether users who come to a group of others meet the same copy. One DescribeTargetHealth a group, none where others lead nowhere
 * else; EC2 is asked only where one group has instances and the other addresses. Who may not ask plans without the answer.
 */
async function describeFrontEnds({ elb, ec2 }: Clients, groups: readonly string[], platformServer: readonly string[]) {
  if (groups.length === 0) return {};
  const serversOf = async (arn: string) =>
    (await describeTargets(elb, arn)).flatMap(({ Target, TargetHealth }) =>
      Target?.Id === undefined || TargetHealth?.State === 'draining' ? [] : [Target.Id],
    );
  const own = (await Promise.all(platformServer.map(serversOf))).flat();
  const others = Object.fromEntries(
    await Promise.all(groups.map(async (arn) => [arn, await serversOf(arn)] as [string, string[]])),
  );
  const addresses = await describeAddresses(ec2, instancesToCompare(own, others)).catch((error: unknown) => {
    if (error instanceof ApplicationFailure && error.type === 'AccessDenied') return new Map<string, string[]>();
    throw error;
  });
  return compareFrontEnds(own, others, addresses);
}
