/**
 * The plan of a rolling update: a pilot of the new release in the idle slot, then ECS's own rolling deployment of the live
 * service in its one target group. No rule moves live traffic, so what is decided here is whether the roll can be safe.
 */
import { planBeside, planThroughEach, type DeploymentPlan, type ThroughListener } from './deployment';
import type { PlanRequest } from './plan-request';
import type { SlotBlue } from '../observed/blue';
import type { Observed, ObservedService, ServiceSettings } from '../observed/observed';
import { Refusal } from '../refusal';
import { ruleAt } from '../routing/rule-states';
import { sameState } from '../routing/listener-rules';
import type { RoutePlan } from '../routing/rule-set';
import { unchangeable } from '../twin/service-settings';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentConfiguration.html */
export interface RollBounds {
  readonly minimumHealthyPercent: number;
  readonly maximumPercent: number;
}

export interface RollingUpdatePlan extends DeploymentPlan {
  readonly blue: SlotBlue;
  readonly bounds: RollBounds;
  /** What the live service is like, and is again after a rollback. Absent in plans of earlier versions, which change nothing of it. */
  readonly blueSettings?: ServiceSettings;
  /** Whether its modules change which paths the rules catch. Absent in plans of earlier versions: they may. */
  readonly rulesMove?: boolean;
  /**
   * Where the modules that both releases have are asked for: they must answer at every moment of the roll. Workflows read it
   * from recorded plans, so its name stays.
   */
  readonly keptPaths: readonly string[];
  readonly alsoThrough?: readonly (ThroughListener & { readonly blue: SlotBlue })[];
}

/** @throws {Refusal} when something stands in the way; nothing has been touched then. */
export function planRollingUpdate(request: PlanRequest, observed: Observed): RollingUpdatePlan {
  const options = { ...request.options, strategy: 'rollingUpdate' as const, shift: [{ percent: 100 }] };
  const { alsoThrough, ...plan } = planThroughEach({ ...request, options }, observed, planBeside);
  const { blue, green, release } = plan;
  const { name } = request.application;
  if (blue.kind === 'adopted')
    throw new Refusal(
      `${name} is served by ECS service ${blue.service}, which another tool made: deploy it with the strategy blueGreen first, which adopts it.`,
    );
  if (blue.kind !== 'slot')
    throw new Refusal(
      `${name} isn't in containers yet, so there is nothing to roll: deploy it with the strategy blueGreen first.`,
    );
  if (plan.renamedFrom !== undefined)
    throw new Refusal(
      `${plan.renamedFrom} becomes ${name}, and a service can't change its name: deploy it with the strategy blueGreen.`,
    );
  const bounds = { minimumHealthyPercent: options.minimumHealthyPercent, maximumPercent: options.maximumPercent };
  refuseBounds(bounds, blue.desiredCount);
  const serving = observed.slots.find(({ service }) => service?.name === blue.service)?.service;
  if (green.service.settings.availabilityZoneRebalancing === 'ENABLED') refuseRebalancing(bounds, blue.service);
  if (serving) refuseAnother(serving, green.service.settings);
  const had = blue.release?.modules ?? release.modules;
  const commonPaths = plan.paths.filter((_, at) => had.includes(release.modules[at] ?? ''));
  if (commonPaths.length === 0)
    throw new Refusal(
      `${release.image} has none of the modules that serve now, so old and new replicas can't serve side by side: deploy it with the strategy blueGreen.`,
    );
  const others = alsoThrough?.map((one) => rollsToo(name, one));
  const pilot = { ...green.service, desiredCount: 1 };
  return {
    ...plan,
    blue,
    green: { ...green, service: pilot },
    bounds,
    ...(serving && { blueSettings: serving.settings }),
    rulesMove: [{ ...plan, blue }, ...(others ?? [])].some(movesRules),
    keptPaths: commonPaths,
    ...(others && { alsoThrough: others.map((one) => ({ ...one, green: { ...one.green, service: pilot } })) }),
  };
}

/** @throws {Refusal} when a listener beside the first doesn't lead to the service that rolls */
function rollsToo(name: string, { blue, ...through }: ThroughListener) {
  if (blue.kind === 'slot') return { ...through, blue };
  throw new Refusal(
    `${name} isn't in containers yet through listener ${through.liveRoute.listenerArn}, and no rule moves in a rolling update: deploy it with the strategy blueGreen first.`,
  );
}

/** Both releases serve from one target group, so rules move only where the modules do. */
function movesRules({ blue, liveRoute }: { readonly blue: SlotBlue; readonly liveRoute: RoutePlan }): boolean {
  const groups = { blue: blue.targetGroupArn, green: blue.targetGroupArn };
  return liveRoute.rules.some((rule) => {
    const [before, ...later] = (['before', 'common', { blue: 0, green: 100 }] as const).map((traffic) =>
      ruleAt(rule, traffic, groups),
    );
    return [rule.found, ...later].some((state) => !sameState(state, before ?? null));
  });
}

/**
 * AWS starts the task that spreads a service over its zones anew before it stops another one, and so refuses a most of 100 %.
 * @throws {Refusal} for such a pair of percents
 */
export function refuseRebalancing({ maximumPercent }: RollBounds, service: string): void {
  if (maximumPercent > 100) return;
  throw new Refusal(
    `AWS refuses maximumPercent ${maximumPercent} for ${service}, which it rebalances over Availability Zones: raise maximumPercent above 100, or switch that off (aws ecs update-service --cluster … --service ${service} --availability-zone-rebalancing DISABLED).`,
  );
}

/** @throws {Refusal} when the settings ask for what UpdateService changes in no service */
function refuseAnother({ name, settings: now }: ObservedService, wanted: ServiceSettings): void {
  const member = unchangeable(now, wanted);
  if (member === undefined) return;
  const what = member === 'launch type' ? `the launch type ${wanted.launchType}` : 'another network mode';
  throw new Refusal(
    `A service can't get ${what}, which the settings ask for: deploy ${name} with the strategy blueGreen.`,
  );
}

/** @throws {Refusal} for a pair of percents that can leave no healthy replica, or that allows no progress */
export function refuseBounds({ minimumHealthyPercent, maximumPercent }: RollBounds, desiredCount: number): void {
  const pair = `minimumHealthyPercent ${minimumHealthyPercent} and maximumPercent ${maximumPercent}`;
  if (desiredCount < 1)
    throw new Refusal('The live service wants no replica now, so there is nothing to roll: scale it up first.');
  const floor = Math.ceil((desiredCount * minimumHealthyPercent) / 100);
  const most = Math.floor((desiredCount * maximumPercent) / 100);
  if (floor < 1)
    throw new Refusal(`${pair} let ECS stop every replica at once: set minimumHealthyPercent to at least 1.`);
  if (floor >= desiredCount && most <= desiredCount)
    throw new Refusal(
      `${pair} allow no progress with ${desiredCount} ${desiredCount === 1 ? 'replica' : 'replicas'}: none may stop before another runs (at least ${floor}), and none may run beside them (at most ${most}). Raise maximumPercent or lower minimumHealthyPercent.`,
    );
}
