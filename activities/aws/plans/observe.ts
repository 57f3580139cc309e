/**
 * Reads an application as it is on AWS. Its slots are found by what its rules lead to, because what serves may still bear the
 * name from before a rename. Every plan and every answer to people starts from here. Effect: none.
 */
import { together } from '../../concurrency';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { slotsThrough, zoneThrough } from '../../../planning/listeners/others';
import type { ZoneSettings } from '../../../settings/schema';
import { inZone } from '../../../planning/routing/live-and-test-routes';
import { slotNames, slots, type Slot, type SlotNames } from '../../../planning/names';
import type {
  FoundSlot,
  ObservedApplication,
  ObservedService,
  ObservedSlot,
  PlannableApplication,
} from '../../../planning/observed/observed';
import { routeRules } from '../../../planning/routing/rule-set';
import { resourceBases, servingBase } from '../../../planning/observed/resource-names';
import { reachedThrough } from '../../../planning/observed/services';
import { Refusal } from '../../../planning/refusal';
import type { AwsClients } from '../client/clients';
import { withScaling } from '../scaling/scaling';
import { observeService, observeServing } from '../ecs/observed-services';
import { describeTagged, describeTaskDefinition } from '../ecs/task-definitions';
import { describeRules } from '../elb/listener-rules';
import { describeOwn, describeTargetGroup, fixedOf, healthCheckOf } from '../elb/target-groups';
import type { KnownApplication } from './applications';
import { observeForeign } from './foreign';
import { observeListeners, type ListenersOfZone } from './observed-listeners';
import { withOtherListeners } from './other-listeners';

/** An application without the names of other applications' modules, which only plans need. */
export type ObservableApplication = Omit<KnownApplication, 'others'>;

/** The rules that an application's routes are among, on all of the zone's listeners. */
export type ObservedRules = Pick<ObservedApplication, 'liveListener' | 'testListener' | 'others'>;

/** The rules of a zone's listeners, in far fewer calls than {@link observeListeners} takes: people watch them. */
export async function observeRules(elb: AwsClients['elb'], zone: ZoneSettings): Promise<ObservedRules> {
  const { otherListeners = [] } = zone;
  const rulesThrough = async (through: ListenersOfZone) => {
    const { listener, testListener } = through;
    const live = inZone(through, { rules: await describeRules(elb, listener) });
    const test = testListener === undefined ? live : { rules: await describeRules(elb, testListener) };
    return { liveListener: live, testListener: test };
  };
  const first = await rulesThrough(zone);
  if (otherListeners.length === 0) return first;
  const others = otherListeners.map(async (settings) => ({
    settings,
    ...(await rulesThrough(zoneThrough(zone, settings))),
  }));
  return { ...first, others: await Promise.all(others) };
}

/** An application as people see it: what bears any of its names, and what another tool put behind its modules. */
export async function observeApplication(
  clients: AwsClients,
  known: ObservableApplication,
  { liveListener, testListener, others: beside }: ObservedRules,
): Promise<ObservedApplication> {
  const bases = resourceBases(known.identity, { liveListener, testListener });
  const [serving = [], ...others] = await Promise.all(bases.map((base) => findSlots(clients, known, base)));
  // Under another name than what serves only what is there counts.
  const renamed = others.flat().filter(({ service }) => service !== null);
  const withForeign = async <Seen extends Pick<ObservedApplication, 'liveListener'>>(
    seen: Seen,
    zone: ZoneSettings,
  ) => {
    const foreign = await findForeign(clients, { ...known, zone }, seen.liveListener.rules);
    return foreign ? { ...seen, foreign } : seen;
  };
  const first = await withForeign({ liveListener, testListener, slots: [...serving, ...renamed] }, known.zone);
  if (!beside) return first;
  const through = beside.map((one) => withForeign(one, zoneThrough(known.zone, one.settings)));
  return { ...first, others: await Promise.all(through) };
}

/** What its live rules lead to, without what only plans and details need. Behind each slot: the target group that the rules know. */
export async function observeServingSlots(
  { ecs }: Pick<AwsClients, 'ecs'>,
  { identity, zone }: Pick<KnownApplication, 'identity' | 'zone'>,
  rules: readonly ListenerRule[],
): Promise<FoundSlot[]> {
  const base = servingBase(identity, rules);
  const found = await together(
    slots.map(async (slot) => ({
      slot,
      service: await observeServing(ecs, zone.cluster, slotNames(identity, slot, base).service),
      targetGroupArn: null,
    })),
  );
  return slotsThrough(found, routeRules(rules, identity, 'live'));
}

/** As {@link observeForeign}; what a plan would refuse to adopt counts as nothing here. */
export async function findForeign(
  clients: AwsClients,
  { identity, zone, application: { modules = [], paths } }: ObservableApplication,
  rules: readonly ListenerRule[],
) {
  return await observeForeign(clients, { identity, zone, rules, modules, paths }).catch((error: unknown) => {
    if (error instanceof Refusal) return undefined;
    throw error;
  });
}

/** What cutover has put in a zone for an application, with all that its plans need to know of it. */
export async function observeOwn(
  clients: AwsClients,
  known: Pick<KnownApplication, 'identity' | 'zone'>,
): Promise<PlannableApplication> {
  const listeners = await observeListeners(clients, known.zone);
  const found = await observeSlots(clients, known, listeners.liveListener.rules);
  const scaled = await withScaling(clients, known.zone.cluster, { ...listeners, slots: found });
  const base = servingBase(known.identity, listeners.liveListener.rules);
  return await withOtherListeners(clients, { ...known, base }, scaled);
}

/**
 * The two slots that serve or are next to serve, with their target groups' settings.
 * @param rules the live listener's; without any the slots are those of the application's present name
 */
export async function observeSlots(
  clients: AwsClients,
  known: Pick<KnownApplication, 'identity' | 'zone'>,
  rules: readonly ListenerRule[] = [],
): Promise<ObservedSlot[]> {
  const found = await findSlots(clients, known, servingBase(known.identity, rules));
  return await Promise.all(
    found.map(async (slot) => ({
      ...slot,
      ...(await describeOwn(clients.elb, slot.targetGroupArn)),
      ...(await findAdopted(clients.ecs, slot.service)),
    })),
  );
}

/** What a service was adopted with; where that can't be read any more, its own task definition is as good. */
async function findAdopted(
  ecs: AwsClients['ecs'],
  service: ObservedService | null,
): Promise<Pick<ObservedSlot, 'adopted'>> {
  if (service?.adoptedWith === undefined) return {};
  const adopted =
    (await describeTagged(ecs, service.adoptedWith)) ?? (await describeTaskDefinition(ecs, service.taskDefinitionArn));
  return adopted ? { adopted } : {};
}

/** @param base what the slots' names begin with */
async function findSlots(
  clients: AwsClients,
  { identity, zone }: Pick<KnownApplication, 'identity' | 'zone'>,
  base: string,
): Promise<Omit<ObservedSlot, 'attributes'>[]> {
  return await Promise.all(slots.map((slot) => findSlot(clients, zone.cluster, slot, slotNames(identity, slot, base))));
}

async function findSlot(
  clients: AwsClients,
  cluster: string,
  slot: Slot,
  names: SlotNames,
): Promise<Omit<ObservedSlot, 'attributes'>> {
  const [service, group] = await together([
    observeService(clients.ecs, cluster, names.service),
    describeTargetGroup(clients.elb, names.targetGroup),
  ]);
  const targetGroupArn = group?.TargetGroupArn ?? null;
  return {
    slot,
    service: service && reachedThrough(service, targetGroupArn),
    targetGroupArn,
    ...(group && {
      healthCheck: healthCheckOf(group),
      fixed: fixedOf(group),
      isAttached: (group.LoadBalancerArns ?? []).length > 0,
    }),
  };
}
