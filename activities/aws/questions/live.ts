/** What serves an application now: the slot that its rules lead to, another tool's service, or the Platform Server. */
import { blueOrAdoptedOf } from '../../../planning/adoption/foreign-route';
import { nameThrough, slotsThrough, zoneThroughEach } from '../../../planning/listeners/others';
import { servingOf, type Serving } from '../../../planning/observed/blue';
import type { FoundSlot } from '../../../planning/observed/observed';
import type { ListenerRules } from '../../../planning/routing/listener-rules';
import { inZone } from '../../../planning/routing/live-and-test-routes';
import { routeRules } from '../../../planning/routing/rule-set';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeRules } from '../elb/listener-rules';
import { findForeign, observeServingSlots, type ObservableApplication } from '../plans/observe';
import { refusing } from '../plans/runbook-plan';

/** The rules of each of a zone's live listeners, the first one first. */
export const describeLiveRules = (elb: AwsClients['elb'], zone: ZoneSettings): Promise<ListenerRules[]> =>
  Promise.all(zoneThroughEach(zone).map(async ({ listener }) => ({ rules: await describeRules(elb, listener) })));

/**
 * Effect: none.
 * @param listeners as {@link describeLiveRules} gives them
 * @throws {ApplicationFailure} of type `InvalidRequest` when its rules lead to something that no slot has
 */
export async function describeServing(
  clients: AwsClients,
  known: ObservableApplication,
  listeners: readonly ListenerRules[],
): Promise<Serving> {
  const [first = { rules: [] }, ...others] = listeners;
  const { identity, zone } = known;
  // An application without rules of its own needs no look at its slots: of a whole zone's, most have none.
  const hasRules = listeners.some(({ rules }) => routeRules(rules, identity, 'live').length > 0);
  const slots = hasRules ? await observeServingSlots(clients, known, first.rules) : [];
  const [own, ...beside] = zoneThroughEach(zone);
  const serving = await describeThrough(clients, { ...known, zone: own }, first, slots);
  const elsewhere: [string, Serving][] = [];
  for (const [at, through] of beside.entries()) {
    const listener = others[at] ?? { rules: [] };
    const behind = slotsThrough(slots, routeRules(listener.rules, identity, 'live'));
    const other = await describeThrough(clients, { ...known, zone: through }, listener, behind);
    if (JSON.stringify(other) !== JSON.stringify(serving)) elsewhere.push([nameThrough(through), other]);
  }
  return elsewhere.length === 0 ? serving : { ...serving, elsewhere: Object.fromEntries(elsewhere) };
}

async function describeThrough(
  clients: AwsClients,
  known: ObservableApplication,
  listener: ListenerRules,
  slots: readonly FoundSlot[],
): Promise<Serving> {
  const foreign = await findForeign(clients, known, listener.rules);
  return await refusing(() =>
    servingOf(
      blueOrAdoptedOf(known.identity, inZone(known.zone, listener), slots, foreign?.service ? foreign : undefined),
    ),
  );
}
