/** What serves an application now: the slot that its rules lead to, another tool's service, or the Platform Server. */
import { blueOrAdoptedOf } from '../../../planning/adoption/foreign-route';
import { servingOf, type Serving } from '../../../planning/observed/blue';
import type { ListenerRules } from '../../../planning/routing/listener-rules';
import { inZone } from '../../../planning/routing/live-and-test-routes';
import { routeRules } from '../../../planning/routing/rule-set';
import type { AwsClients } from '../client/clients';
import { findForeign, observeSlots, type ObservableApplication } from '../plans/observe';
import { refusing } from '../plans/runbook-plan';

/**
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when its rules lead to something that no slot has
 */
export async function describeServing(
  clients: AwsClients,
  known: ObservableApplication,
  listener: ListenerRules,
): Promise<Serving> {
  const { identity, zone } = known;
  // An application without rules of its own needs no look at its slots: of a whole zone's, most have none.
  const hasRules = routeRules(listener.rules, identity, 'live').length > 0;
  const slots = hasRules ? await observeSlots(clients, known, listener.rules) : [];
  const foreign = await findForeign(clients, known, listener.rules);
  return await refusing(() =>
    servingOf(blueOrAdoptedOf(identity, inZone(zone, listener), slots, foreign?.service ? foreign : undefined)),
  );
}
