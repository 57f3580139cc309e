/**
 * Target tracking: once a minute each policy's metric is compared with its target. Above the target for 3 minutes the service is
 * scaled out, below nine tenths of it for 15 minutes it is scaled in, as far as every policy agrees; all divided by the time scale.
 * Bounds, suspensions and cooldowns hold. Scheduled actions whose time has come act at the same looks. What it remembers is lost with the process.
 * https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 */
import type { TargetTrackingScalingPolicyConfiguration } from '@aws-sdk/client-application-auto-scaling';
import { countsOf, type StoredCounts } from '../cloudwatch/counts';
import { scaled, tasksOfService, type Ecs } from '../ecs/ecs';
import { updateService } from '../ecs/services/services';
import type { Service } from '../ecs/state';
import type { AutoscalingMetrics } from './metrics';
import { findService, withinBounds } from './scalable-targets';
import { actOnSchedule } from './scheduled-actions';
import type { AutoscalingState, ScalableTarget, ScalingPolicy } from './state';

const periodMs = 60_000;
const periodsAbove = 3;
const periodsBelow = 15;
const scaleInBelow = 0.9;
/** ECS's default for both directions. */
const cooldownSeconds = 300;

export interface TargetTracking {
  readonly state: AutoscalingState;
  readonly ecs: Ecs;
  readonly counts: () => StoredCounts;
  /** Resolves when the counts are those of now. */
  readonly counted: () => Promise<void>;
  readonly metrics: AutoscalingMetrics;
  readonly report: (error: unknown) => void;
}

/** What is remembered of a policy. */
interface Memory {
  above: number;
  below: number;
  /** All requests that were counted until the last look. */
  requests?: number;
  outAt: number;
  inAt: number;
}

/** Looks once in a scaled minute, until it is ended. */
export function startTargetTracking(tracking: TargetTracking): () => void {
  const memories = new Map<string, Memory>();
  const look = async (): Promise<void> => {
    actOnSchedule({ state: tracking.state, ecs: tracking.ecs, scope: tracking.ecs.scope, now: tracking.ecs.now });
    if (Object.keys(tracking.state.policies).length === 0) return;
    await tracking.counted();
    for (const target of Object.values(tracking.state.targets)) track(tracking, memories, target);
  };
  const timer = setInterval(() => void look().catch(tracking.report), scaled(tracking.ecs, periodMs));
  return () => clearInterval(timer);
}

function track(tracking: TargetTracking, memories: Map<string, Memory>, target: ScalableTarget): void {
  const { ecs, state } = tracking;
  const service = findService(ecs, target.resourceId);
  if (service?.status !== 'ACTIVE' || service.desiredCount === 0) return;
  const policies = Object.values(state.policies).filter(({ settings }) => settings.ResourceId === target.resourceId);
  const wishes = policies.flatMap((policy) => {
    const tracked = policy.settings.TargetTrackingScalingPolicyConfiguration;
    if (tracked === undefined) return [];
    const memory = memories.get(policy.arn) ?? { above: 0, below: 0, outAt: 0, inAt: 0 };
    memories.set(policy.arn, memory);
    return [wishOf(tracking, memory, { service, policy, tracked })];
  });
  if (wishes.length === 0) return;
  const wanted = withinBounds(target, service.desiredCount, Math.max(...wishes.map(({ count }) => count)));
  if (wanted === service.desiredCount) return;
  const now = ecs.now();
  for (const { memory } of wishes)
    Object.assign(memory, wanted > service.desiredCount ? { outAt: now } : { inAt: now });
  updateService(ecs, { cluster: service.clusterArn, service: service.arn, desiredCount: wanted });
  ecs.changed();
}

interface Tracked {
  readonly service: Service;
  readonly policy: ScalingPolicy;
  readonly tracked: TargetTrackingScalingPolicyConfiguration;
}

/** The count that a policy wishes now: the present one, unless its metric was off the target for long enough. */
function wishOf(tracking: TargetTracking, memory: Memory, given: Tracked): { count: number; memory: Memory } {
  const { service, tracked } = given;
  const stay = { count: service.desiredCount, memory };
  const value = valueOf(tracking, memory, given);
  const { TargetValue: aim = 1 } = tracked;
  memory.above = value !== undefined && value > aim ? memory.above + 1 : 0;
  memory.below = value !== undefined && value < aim * scaleInBelow ? memory.below + 1 : 0;
  if (value === undefined) return stay;
  const { now } = tracking.ecs;
  const isOver = (since: number, seconds = cooldownSeconds): boolean =>
    now() - since >= scaled(tracking.ecs, seconds * 1000);
  const count = Math.max(1, Math.ceil((service.desiredCount * value) / aim));
  if (memory.above >= periodsAbove && isOver(memory.outAt, tracked.ScaleOutCooldown)) return { count, memory };
  const isQuiet = isOver(Math.max(memory.inAt, memory.outAt), tracked.ScaleInCooldown);
  if (memory.below >= periodsBelow && isQuiet && tracked.DisableScaleIn !== true) return { count, memory };
  return stay;
}

/** The metric of the last scaled minute; undefined while there is none. */
function valueOf(
  { ecs, counts, metrics }: TargetTracking,
  memory: Memory,
  { service, policy, tracked }: Tracked,
): number | undefined {
  const { PredefinedMetricType: type, ResourceLabel: label = '' } = tracked.PredefinedMetricSpecification ?? {};
  if (type !== 'ALBRequestCountPerTarget') return metrics.get(policy.settings.ResourceId ?? '', type ?? '');
  const [, loadBalancer = '', targetGroup = ''] = /^(app\/[^/]+\/[^/]+)\/(targetgroup\/.+)$/.exec(label) ?? [];
  const counted = countsOf(counts(), 'RequestCount', { loadBalancer, targetGroup });
  const requests = [...counted.values()].reduce((sum, count) => sum + count, 0);
  const { requests: before } = memory;
  memory.requests = requests;
  const running = tasksOfService(ecs, service).filter(({ lastStatus }) => lastStatus === 'RUNNING').length;
  return before === undefined || running === 0 ? undefined : Math.max(0, requests - before) / running;
}
