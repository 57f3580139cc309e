/** What of a deployment's plan belongs to another port of the application's service: one more way to it, beside the zone's listeners. */
import type { Blue } from '../observed/blue';
import { reliedOfBlue } from '../observed/drift';
import type { Observed, ObservedPort, ObservedSlot, ObservedTargetGroup, ServicePort } from '../observed/observed';
import { resourceBase, resourceTags, slotNames, targetGroupName, targetGroupOfPort, type Slot } from '../names';
import type { Adoption } from '../adoption/adoption';
import type { Green } from '../plans/green';
import type { Failover } from '../plans/target-group';
import type { Release } from '../release/release';
import type { ReliedTargetGroup } from '../observed/drift';
import type { RouteAddress } from '../routing/live-and-test-routes';
import type { RoutePlan } from '../routing/rule-set';
import { refuseImpossibleTwin, refuseShares } from '../plans/deployment-refusals';
import type { PlanRequest } from '../plans/plan-request';
import { isSticky, planFailover, planTargetGroup, type TargetGroupPlan } from '../plans/target-group';
import { Refusal } from '../refusal';
import type { TaskDefinition } from '../release/task-definitions';
import { routeAddress } from '../routing/live-and-test-routes';
import { sendsTo, type ObservedListener } from '../routing/listener-rules';
import { fixedDifferences } from '../twin/fixed';
import { planPortRoutes, type PortRoutes } from './port-routes';
import { groupOfSlot, servingGroup, type PortGroups } from './ports';

/** What is planned for the port of the modules. */
interface PlannedModules {
  readonly blue: Blue;
  readonly green: Green;
  readonly taskDefinition: TaskDefinition;
  readonly release: Release;
  readonly adoption: Adoption | null;
  readonly renamedFrom?: string;
}

/** The same for another port, as far as it differs. */
export interface PlannedPort {
  readonly port: string;
  readonly blue: Exclude<Blue, { readonly kind: 'platformServer' }>;
  readonly blueTargetGroup: ReliedTargetGroup | null;
  readonly blueFailover?: Failover;
  readonly green: Green;
  readonly adoption: Adoption | null;
  readonly liveRoute: RoutePlan;
  readonly testRoute: RoutePlan;
  readonly liveAddress: RouteAddress;
  readonly testAddress: RouteAddress;
  readonly paths: readonly [];
  readonly outgrown?: readonly { readonly service: null; readonly targetGroupArn: string | null }[];
}

/** The routes of a port. @throws {Refusal} as `planPortRoutes` */
export const portRoutes = (
  { application, zone }: Pick<PlanRequest, 'application' | 'zone'>,
  port: ObservedPort,
  groups: PortGroups,
): PortRoutes =>
  planPortRoutes(
    {
      application,
      ownListeners: [zone.listener, ...(zone.otherListeners ?? []).map(({ listener }) => listener)],
      priorities: zone.priorities,
      tags: zone.tags,
    },
    port,
    groups,
  );

/** The ports that what serves has beside that of its modules. */
const carriedPorts = ({ ports = [] }: Pick<Observed, 'ports'>, blue: Blue) =>
  ports.flatMap((port) => {
    const from = blue.kind === 'platformServer' ? undefined : servingGroup(port, blue);
    return from === undefined ? [] : [{ port, from }];
  });

/**
 * Each moves with the plan of the modules' port.
 * @throws {Refusal} when one of them can't move, its container isn't in the new release, or it can't be told what leads to it
 */
export function planPorts(
  request: PlanRequest,
  observed: Observed,
  plans: readonly [PlannedModules, ...PlannedModules[]],
): PlannedPort[] {
  const [first] = plans;
  refuseUnknown(observed, plans);
  return carriedPorts(observed, first.blue).map(({ port, from }) => planPort(request, port, first, from));
}

/** Green, which is behind a target group for each way to it: where the ports differ its service says which. @param ways the zone's listeners */
export function greenWithPorts<Planned extends { readonly blue: Blue; readonly green: Green }>(
  planned: Planned,
  observed: Pick<Observed, 'ports'>,
  ways: number,
): Planned {
  const carried = carriedPorts(observed, planned.blue).map(({ port: { name, port } }) => ({ name, port }));
  if (carried.length === 0) return planned;
  const { green } = planned;
  const ports = [...Array.from({ length: ways }, () => green.service.container), ...carried];
  return { ...planned, green: { ...green, service: { ...green.service, ports } } };
}

/** Whether what runs in a slot is behind its target group for each port that is carried. */
export const isBehindPorts = (observed: Pick<Observed, 'ports' | 'slots'>, blue: Blue, slot: Slot): boolean => {
  const behind = observed.slots.find((one) => one.slot === slot)?.service?.ports ?? [];
  return carriedPorts(observed, blue).every(({ port }) =>
    behind.some(({ targetGroupArn }) => targetGroupArn === groupOfSlot(port, slot)),
  );
};

/** @throws {Refusal} when what serves is in a target group that no way leads to: its requests would find nobody */
function refuseUnknown(observed: Observed, plans: readonly [PlannedModules, ...PlannedModules[]]): void {
  const [{ blue }] = plans;
  if (blue.kind === 'platformServer') return;
  const { slots, foreign } = observed;
  const found = blue.kind === 'adopted' ? foreign : slots.find(({ slot }) => slot === blue.slot);
  const carried = carriedPorts(observed, blue).map(({ from }) => from);
  const known = new Set([...carried, ...plans.map((plan) => plan.blue.targetGroupArn)]);
  const groups = found?.service?.targetGroupArns ?? [];
  const left = groups.filter((arn) => !known.has(arn)).map(targetGroupName);
  if (left.length === 0) return;
  throw new Refusal(
    `${blue.service} is in ${groups.length} target groups, and it can't be told what leads to ${left.join(' and ')}: name that load balancer's listener under the zone's "listeners", or take the service out of it first.`,
  );
}

function planPort(request: PlanRequest, port: ObservedPort, first: PlannedModules, from: string): PlannedPort {
  const { application, zone, options } = request;
  const { blue: serving, green, taskDefinition } = first;
  const blue = { ...serving, targetGroupArn: from } as PlannedPort['blue'];
  const twin = blue.kind === 'adopted' ? port.foreign : port.slots.find(({ slot }) => slot === blue.slot);
  refuseLostPort(taskDefinition, port, from);
  refuseOtherProtocol(twin, port, from);
  refuseImpossibleTwin({ networkMode: taskDefinition.networkMode, port: port.port }, portOf(twin, port));
  const targetGroup = planTargetGroup(
    { targetGroup: asBlueHasIt },
    {
      name: targetGroupOfPort(resourceBase(application), green.slot, port.id),
      modules: [],
      twin,
      twinModules: [],
      networkMode: taskDefinition.networkMode,
      tags: resourceTags(application, zone.tags),
    },
  );
  refuseShares(options, isSticky(targetGroup.attributes), blue, first.release);
  const idle = port.slots.find(({ slot }) => slot === green.slot);
  const { listener, ...routes } = portRoutes(request, port, { from, to: idle?.targetGroupArn ?? null });
  const address = routeAddress(listener, zone);
  return {
    port: port.id,
    blue,
    blueTargetGroup: reliedOfBlue(blue, port.slots),
    ...(blue.kind === 'slot' && ownFailover(port, blue.slot)),
    green: {
      slot: green.slot,
      service: green.service,
      targetGroup: { ...targetGroup, ...replacing(targetGroup, idle) },
    },
    adoption: adoptedAt(port, listener, first.adoption),
    ...routes,
    liveAddress: address,
    testAddress: address,
    paths: [],
    ...(first.renamedFrom !== undefined && { outgrown: outgrownBy(request, port) }),
  };
}

/** What goes of an adopted service at this port: its rules stay whoever's they are, and a default rule keeps its target group. */
function adoptedAt({ foreign }: ObservedPort, { rules }: ObservedListener, adoption: Adoption | null): Adoption | null {
  const targetGroupArn = foreign?.targetGroupArn ?? null;
  if (!adoption || targetGroupArn === null) return null;
  const isKept = rules.some((rule) => rule.priority === 'default' && sendsTo(rule, targetGroupArn));
  const { service, deleted } = adoption;
  return { service, targetGroupArn, rules: [], marks: {}, stopsCatching: [], deleted: deleted && !isKept };
}

/** The settings' target group is the modules'. */
const asBlueHasIt = { healthCheck: {}, attributes: {} };

const portOf = (twin: Pick<ObservedSlot, 'service' | 'fixed'> | undefined, { name, port }: ServicePort) => ({
  ...(twin?.fixed && { fixed: twin.fixed }),
  ...(twin?.service && { service: { ...twin.service, container: { name, port } } }),
});

function ownFailover(port: ObservedPort, slot: Slot): Pick<PlannedPort, 'blueFailover'> {
  const { failover } = planFailover(port.slots.find((one) => one.slot === slot)?.attributes ?? {});
  return failover ? { blueFailover: failover } : {};
}

/** A target group of the idle slot that AWS can't change goes first. */
const replacing = (
  plan: TargetGroupPlan,
  idle: ObservedPort['slots'][number] | undefined,
): Pick<TargetGroupPlan, 'replaces'> =>
  idle?.targetGroupArn != null && idle.fixed && fixedDifferences(plan, idle.fixed).length > 0
    ? { replaces: idle.targetGroupArn }
    : {};

/** The target groups of slots that bear an earlier name; their services go with the modules' plan. */
const outgrownBy = ({ application }: PlanRequest, { slots }: ObservedPort) =>
  slots
    .filter(({ slot, service }) => service !== null && service.name !== slotNames(application, slot).service)
    .map(({ targetGroupArn }) => ({ service: null, targetGroupArn }));

/** @throws {Refusal} when the new release has no such container, or that container no such port */
function refuseLostPort(
  { containerDefinitions = [], family }: TaskDefinition,
  port: ObservedPort,
  group: string,
): void {
  const container = containerDefinitions.find(({ name }) => name === port.name);
  if (container?.portMappings?.some(({ containerPort }) => containerPort === port.port)) return;
  throw new Refusal(
    `What serves is in target group ${targetGroupName(group)} too, with port ${port.port} of its container ${port.name}, which task definition ${family} ${container ? "doesn't map" : "doesn't have"}: add it under "taskDefinition", or take the service out of that target group first.`,
  );
}

/** @throws {Refusal} for a target group of another kind of load balancer */
function refuseOtherProtocol({ fixed }: Partial<ObservedTargetGroup> = {}, { id }: ObservedPort, group: string): void {
  if (fixed === undefined || fixed.protocol === 'HTTP' || fixed.protocol === 'HTTPS') return;
  throw new Refusal(
    `What serves is in target group ${targetGroupName(group)} (${fixed.protocol}) too, for its port ${id}, and cutover moves rules of Application Load Balancers only: take the service out of that target group first.`,
  );
}

/** The target groups of a slot for its other ports, and the rules that keep them attached. */
export const attachedPorts = (request: PlanRequest, ports: readonly ObservedPort[] = [], slot: Slot) =>
  ports.flatMap((port) => {
    const own = groupOfSlot(port, slot);
    if (own === null) return [];
    const { testRoute } = portRoutes(request, port, { from: otherGroups(port, own), to: own });
    return [{ testRoute, targetGroupArn: own }];
  });

const otherGroups = ({ slots }: ObservedPort, own: string) =>
  slots.map(({ targetGroupArn }) => targetGroupArn).find((arn) => arn !== null && arn !== own) ?? null;
