/** Reads an application through the zone's other listeners: their rules, and its slots' target groups behind them. Effect: none. */
import { targetGroupBeside, type ApplicationIdentity } from '../../../planning/names';
import { withOwnGroups, zoneThrough } from '../../../planning/listeners/others';
import type { ObservedBeside, ObservedForeign, ObservedSlot } from '../../../planning/observed/observed';
import type { PlannableApplication } from '../../../planning/observed/observed';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import type { ListenerSettings } from '../../../settings/listeners';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { observeListeners } from './observed-listeners';
import { slotWith, withPorts } from './ports';

export interface OtherListenersRequest {
  readonly identity: ApplicationIdentity;
  readonly zone: ZoneSettings;
  /** What the names of the slots begin with. */
  readonly base: string;
  /** What another tool put behind the application's modules through a listener. Default: nobody looks. */
  readonly findForeign?: (zone: ZoneSettings, rules: readonly ListenerRule[]) => Promise<ObservedForeign | undefined>;
}

/** The application with what is seen of it through each other listener, and at other ports of its services. */
export async function withOtherListeners<
  Seen extends Omit<PlannableApplication, 'others'> & { readonly foreign?: ObservedForeign },
>(clients: AwsClients, request: OtherListenersRequest, seen: Seen): Promise<Seen> {
  const { otherListeners = [] } = request.zone;
  if (otherListeners.length === 0) return await withPorts(clients, request.base, seen);
  const through = await Promise.all(
    otherListeners.map((settings) => observeThrough(clients, request, seen.slots, settings)),
  );
  const [first, ...rest] = withOwnGroups<Seen | ObservedBeside>([seen, ...through]);
  const others = rest as ObservedBeside[];
  const all: Seen = { ...(first as Seen), others };
  return await withPorts(clients, request.base, all);
}

async function observeThrough(
  clients: AwsClients,
  { zone, base, findForeign }: OtherListenersRequest,
  slots: readonly ObservedSlot[],
  settings: ListenerSettings,
): Promise<ObservedBeside> {
  const { elb } = clients;
  const through = zoneThrough(zone, settings);
  const listeners = await observeListeners(clients, through);
  const foreign = await findForeign?.(through, listeners.liveListener.rules);
  return {
    settings,
    ...listeners,
    slots: await Promise.all(
      slots.map((slot) => slotWith(elb, slot, targetGroupBeside(base, slot.slot, settings.listener))),
    ),
    ...(foreign && { foreign }),
  };
}
