/** Reads a zone's listeners. Effect: none. */
import { defaultTargetGroups, groupsOfOthers } from '../../../planning/observed/blue';
import type { PlannableApplication } from '../../../planning/observed/observed';
import type { ListenerRules } from '../../../planning/routing/listener-rules';
import { inZone, type RouteListeners } from '../../../planning/routing/live-and-test-routes';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeListener } from '../elb/listener-rules';
import { describeRulesElsewhere } from '../elb/load-balancers';
import { describeAttributes, describeTargets } from '../elb/target-groups';

/** What of a zone's settings its listeners are read with. */
export type ListenersOfZone = Pick<ZoneSettings, 'listener' | 'testListener'> &
  Partial<Pick<ZoneSettings, 'conditions' | 'platformServer'>>;

/** The live listener, that of the test route, what the load balancer's others do, and how the Platform Server's group is set. */
export async function observeListeners(
  elb: AwsClients['elb'],
  zone: ListenersOfZone,
): Promise<RouteListeners & Pick<PlannableApplication, 'elsewhere' | 'platformServerAttributes'>> {
  const { testListener } = zone;
  const live = inZone(zone, await describeListener(elb, zone.listener));
  const test = testListener === undefined ? live : await describeListener(elb, testListener);
  const [platformServer, ...others] = defaultTargetGroups(live);
  const sameFrontEnds = await describeSameFrontEnds(elb, live);
  return {
    liveListener: { ...live, ...(sameFrontEnds.length > 0 && { sameFrontEnds }) },
    testListener: test,
    elsewhere: await describeRulesElsewhere(elb, live, [test]),
    ...(platformServer !== undefined &&
      others.length === 0 && { platformServerAttributes: await describeAttributes(elb, platformServer) }),
  };
}

/**
 * Groups of others in which a server of the Platform Server's is registered too, on whichever port: users who come to one of them
 * meet the same copy. One DescribeTargetHealth a group, none where others lead nowhere else. Of instances in one group and
 * addresses in the other it can't be told whether they are the same.
 */
async function describeSameFrontEnds(elb: AwsClients['elb'], live: ListenerRules): Promise<string[]> {
  const groups = groupsOfOthers(live);
  if (groups.length === 0) return [];
  const serversOf = async (arn: string) =>
    (await describeTargets(elb, arn)).flatMap(({ Target, TargetHealth }) =>
      Target?.Id === undefined || TargetHealth?.State === 'draining' ? [] : [Target.Id],
    );
  const own = new Set((await Promise.all(defaultTargetGroups(live).map(serversOf))).flat());
  const shared = await Promise.all(groups.map(async (arn) => (await serversOf(arn)).some((id) => own.has(id))));
  return groups.filter((_, index) => shared[index]);
}
