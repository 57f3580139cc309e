/**
 * Other ports of an application's service that have a target group of their own: an administration page, a second container. Their
 * rules are whoever's they are and catch whatever they catch; only where they lead moves with the application, in the same burst. So
 * each is one more way to the service, planned beside those of the zone's listeners.
 */
import type { Blue } from '../observed/blue';
import type {
  ObservedForeign,
  ObservedPort,
  ObservedService,
  PlannableApplication,
  ServicePort,
} from '../observed/observed';
import type { Slot } from '../names';

/** A port, and what another tool's service has for it. */
export interface NamedPort extends ServicePort {
  readonly id: string;
  readonly foreignGroup?: string;
}

type Seen = Pick<PlannableApplication, 'slots' | 'others'> & { readonly foreign?: ObservedForeign };

/** The ports of an application's services whose target groups are none of the zone's listeners'. */
export function portsBeside({ slots, foreign, others = [] }: Seen): NamedPort[] {
  const views = [{ slots, foreign }, ...others];
  const known = new Set(views.flatMap((view) => [...view.slots, view.foreign].map((one) => one?.targetGroupArn)));
  const found = new Map<string, NamedPort>();
  for (const service of [foreign?.service, ...slots.map((slot) => slot.service)])
    for (const { targetGroupArn, ...port } of named(service, known))
      found.set(port.id, {
        ...port,
        ...found.get(port.id),
        ...(service === foreign?.service && { foreignGroup: targetGroupArn }),
      });
  return [...found.values()];
}

/** Two groups of one port are told apart by their order. */
function named(service: ObservedService | null | undefined, known: ReadonlySet<string | null | undefined>) {
  const ids: string[] = [];
  return (service?.ports ?? [])
    .filter(({ targetGroupArn }) => !known.has(targetGroupArn))
    .map((port) => {
      const id = `${port.name}:${port.port}`;
      ids.push(id);
      const before = ids.filter((one) => one === id).length;
      return { ...port, id: before === 1 ? id : `${id}:${before}` };
    });
}

/** The target groups of a port that traffic moves between; `null` where there is none yet. */
export interface PortGroups {
  readonly from: string | null;
  readonly to: string | null;
}

/** The group of this port that what serves is in; `undefined` where it is in none. */
export function servingGroup({ slots, foreign }: ObservedPort, blue: Blue): string | undefined {
  const found =
    blue.kind === 'adopted' ? foreign : slots.find(({ slot }) => blue.kind === 'slot' && slot === blue.slot);
  const { service, targetGroupArn } = found ?? {};
  const isIn = service?.ports?.some((one) => one.targetGroupArn === targetGroupArn);
  return isIn ? (targetGroupArn ?? undefined) : undefined;
}

/** The target group that a slot has for this port. */
export const groupOfSlot = ({ slots }: Pick<ObservedPort, 'slots'>, slot: Slot): string | null =>
  slots.find((one) => one.slot === slot)?.targetGroupArn ?? null;
