/**
 * An application that is reached through several load balancers. A target group belongs to one of them, so it has one for each,
 * in both slots, behind the same services. What is decided for one listener is decided again for every other, from what is
 * seen through it; the first listener's plan is the plan, and the others' parts of it stand beside.
 */
import { loadBalancerOf, type ListenerSettings } from '../../settings/listeners';
import type { ZoneSettings } from '../../settings/schema';
import type { Blue } from '../observed/blue';
import type { BesideFirst, FoundSlot, Observed, ObservedBeside, PlannableApplication } from '../observed/observed';
import type { ListenerRule } from '../routing/listener-rules';
import type { ApplicationIdentity } from '../names';
import { Refusal } from '../refusal';

/** A plan's request, as far as listeners differ in it. */
interface OfZone {
  readonly application: ApplicationIdentity;
  readonly zone: ZoneSettings;
}

/** One listener's plan is made of these. */
export type PlanOne<Request, Seen, Plan> = (request: Request, observed: Seen) => Plan;

/**
 * The plan of every listener, the zone's first one first.
 * @param beside what the others' plans are to know of the first one's
 * @throws {Refusal} as `planOne`
 */
export function planEach<Request extends OfZone, Seen extends PlannableApplication, Plan>(
  request: Request,
  { others = [], ...observed }: Seen,
  planOne: PlanOne<Request, Seen, Plan>,
  beside: (first: Plan) => BesideFirst | undefined = () => undefined,
): readonly [Plan, ...Plan[]] {
  const first = planOne(request, observed as unknown as Seen);
  const known = beside(first);
  const seen = others.map(({ settings, ...through }) => {
    const {
      foreign: _,
      platformServerAttributes: __,
      ...shared
    } = observed as PlannableApplication & Partial<Observed>;
    const seenThrough = { ...shared, ...through, ...(known && { beside: known }) } as unknown as Seen;
    return planOne({ ...request, zone: zoneThrough(request.zone, settings) }, seenThrough);
  });
  return [first, ...seen];
}

/** The zone as it is through another of its listeners. */
export function zoneThrough<Zone extends Partial<ZoneSettings>>(
  zone: Zone,
  settings: ListenerSettings,
): Omit<Zone, 'otherListeners'> & ListenerSettings {
  const { otherListeners: _, ...shared } = zone;
  return { ...shared, testListener: undefined, testRoute: undefined, platformServer: undefined, ...settings };
}

/** The zone as it is through each of its listeners, the first one first. */
export const zoneThroughEach = (zone: ZoneSettings): [ZoneSettings, ...ZoneSettings[]] => [
  zone,
  ...(zone.otherListeners ?? []).map((settings) => zoneThrough(zone, settings)),
];

/** What people call another load balancer: its name, of one of its listeners' ARN. */
export const nameThrough = ({ listener }: Pick<ListenerSettings, 'listener'>): string =>
  loadBalancerOf(listener).split('/')[1] ?? listener;

/**
 * The slots with the target group that each has behind another listener: the one of its service's that these rules know.
 * @param rules the application's on that listener
 */
export const slotsThrough = (slots: readonly FoundSlot[], rules: readonly ListenerRule[]): FoundSlot[] =>
  slots.map(({ slot, service }) => {
    const own = service?.targetGroupArns.find((arn) =>
      rules.some(({ forward }) => forward.some(({ targetGroupArn }) => targetGroupArn === arn)),
    );
    return { slot, service, targetGroupArn: own ?? null };
  });

/** What serves, and through which listener. */
interface Served {
  readonly blue: Blue;
  readonly liveRoute: { readonly listenerArn: string };
}

/**
 * A listener that is new in the zone leads to the Platform Server until the next deployment. Else the listeners must agree, for
 * only one of the slots is idle.
 * @throws {Refusal} when the others lead to another service than the first
 */
export function refuseOtherBlue(
  { name }: ApplicationIdentity,
  [first, ...others]: readonly [Served, ...Served[]],
): void {
  const differs = others.find(
    ({ blue }) => blue.kind !== 'platformServer' && serviceOf(blue) !== serviceOf(first.blue),
  );
  if (differs)
    throw new Refusal(
      `${name} is served by ${serviceOf(first.blue)} through listener ${first.liveRoute.listenerArn}, and by ${serviceOf(differs.blue)} through listener ${differs.liveRoute.listenerArn}: a deployment between the two may have been terminated. Point the rules of both at the same service, or delete those that should lead to the Platform Server.`,
    );
}

const serviceOf = (blue: Blue): string => (blue.kind === 'platformServer' ? 'the Platform Server' : blue.service);

/**
 * Each view of the application with those of a service's target groups that aren't known through another listener: what is left
 * beside its own is somebody else's.
 */
export function withOwnGroups<Seen extends Pick<ObservedBeside, 'slots' | 'foreign'>>(views: readonly Seen[]): Seen[] {
  const groups = views.map(groupsOf);
  return views.map((view, at) => {
    const elsewhere = new Set(groups.filter((_, other) => other !== at).flat());
    const own = <Service extends { readonly targetGroupArns: readonly string[] }>(service: Service): Service => ({
      ...service,
      targetGroupArns: service.targetGroupArns.filter((arn) => !elsewhere.has(arn)),
    });
    const slots = view.slots.map((slot) => ({ ...slot, service: slot.service && own(slot.service) }));
    const { foreign } = view;
    return {
      ...view,
      slots,
      ...(foreign && { foreign: { ...foreign, service: foreign.service && own(foreign.service) } }),
    };
  });
}

const groupsOf = ({ slots, foreign }: Pick<ObservedBeside, 'slots' | 'foreign'>): string[] =>
  [...slots, ...(foreign ? [foreign] : [])].flatMap(({ targetGroupArn }) => targetGroupArn ?? []);
