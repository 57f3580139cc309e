/** Reads a zone's listeners. Effect: none. */
import { defaultTargetGroups } from '../../../planning/observed/blue';
import type { PlannableApplication } from '../../../planning/observed/observed';
import { inZone, type RouteListeners } from '../../../planning/routing/live-and-test-routes';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeListener } from '../elb/listener-rules';
import { describeRulesElsewhere } from '../elb/load-balancers';
import { describeAttributes } from '../elb/target-groups';

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
  return {
    liveListener: live,
    testListener: test,
    elsewhere: await describeRulesElsewhere(elb, live, [test]),
    ...(platformServer !== undefined &&
      others.length === 0 && { platformServerAttributes: await describeAttributes(elb, platformServer) }),
  };
}
