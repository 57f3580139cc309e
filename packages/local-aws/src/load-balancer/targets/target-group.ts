/**
 * A target group at work: its targets, their health, and what DescribeTargetHealth shows of them.
 *
 * Invariants: registering and draining act at once. A target that disappears from the configuration is drained as if it were
 * being deregistered.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
import type {
  DataPlaneConfiguration,
  TargetConfiguration,
  TargetGroupConfiguration,
  TargetState,
} from '../configuration';
import { numberAttribute, scaledMs } from '../time';
import { type Target, createTarget, cutTarget, drainTarget, resumeTarget, targetKey } from './target';
import { type TargetHealth, registeredHealth } from './target-health';
import { createWarmUp } from './warm-up';

export interface Member {
  readonly target: Target;
  health: TargetHealth;
}

export interface TargetGroup {
  configuration: TargetGroupConfiguration;
  readonly members: Map<string, Member>;
  /** The members that may get requests now; undefined when they have to be determined again. */
  candidates: readonly Member[] | undefined;
  /** The position of round robin among the candidates. */
  turn: number;
}

/** What a group needs of the whole configuration. */
export interface GroupSettings {
  readonly timeScale: number;
  readonly profile: DataPlaneConfiguration['profile'];
  readonly idleTimeoutMs: number;
  /** Health known from before a restart, by `healthKey`. */
  readonly knownHealth: ReadonlyMap<string, TargetHealth>;
  /** Called when a deregistration delay is over. */
  readonly onDrained: () => void;
}

export function createTargetGroup(configuration: TargetGroupConfiguration): TargetGroup {
  return { configuration, members: new Map(), candidates: undefined, turn: 0 };
}

/** Brings the members in line with the configuration. */
export function updateTargetGroup(
  group: TargetGroup,
  configuration: TargetGroupConfiguration,
  settings: GroupSettings,
): void {
  const begins = configuration.inUse && !group.configuration.inUse;
  group.configuration = configuration;
  group.candidates = undefined;
  const drain = (target: Target, since: number) =>
    drainTarget(target, since, deregistrationDelayMs(group, settings.timeScale), settings.onDrained);
  const remove = (key: string, { target }: Member) => {
    group.members.delete(key);
    if (target.drainingSince === undefined) drain(target, Date.now());
  };
  const wanted = new Set(configuration.targets.map(targetKey));
  for (const [key, member] of group.members) {
    if (!wanted.has(key)) remove(key, member);
  }
  for (const registration of configuration.targets) {
    const key = targetKey(registration);
    const known = group.members.get(key);
    if (known !== undefined && isAnother(known.target, registration)) remove(key, known);
    const member = group.members.get(key) ?? addMember(group, registration, settings);
    if (begins) member.health = registeredHealth(Date.now());
    const { target } = member;
    if (registration.drainingSince !== undefined) drain(target, registration.drainingSince);
    else if (target.drainingSince !== undefined) resumeTarget(target);
  }
}

function addMember(
  group: TargetGroup,
  registration: TargetConfiguration,
  { timeScale, profile, idleTimeoutMs, knownHealth }: GroupSettings,
): Member {
  const key = targetKey(registration);
  const known = knownHealth.get(healthKey(group, registration));
  const warmUp = profile === 'windows' ? createWarmUp(registration, timeScale) : undefined;
  const member = {
    target: createTarget(registration, { idleTimeoutMs, secure: group.configuration.secure === true }, warmUp),
    health: known ?? registeredHealth(Date.now()),
  };
  group.members.set(key, member);
  return member;
}

/** Whether the same ID and port is another process now: registered again after it was drained, or at another address. */
function isAnother(target: Target, registration: TargetConfiguration): boolean {
  if (target.address !== registration.address) return true;
  return target.drainingSince !== undefined && target.registeredAt !== registration.registeredAt;
}

/** Identifies a registration; a later one of the same target has another key. */
export function healthKey({ configuration }: TargetGroup, target: TargetConfiguration | Target): string {
  return `${configuration.arn}|${targetKey(target)}|${target.registeredAt}`;
}

function deregistrationDelayMs({ configuration }: TargetGroup, timeScale: number): number {
  return scaledMs(numberAttribute(configuration.attributes, 'deregistration_delay.timeout_seconds', 300), timeScale);
}

export function setHealth(group: TargetGroup, member: Member, health: TargetHealth): void {
  member.health = health;
  group.candidates = undefined;
}

/** Cuts every request in flight, and closes all connections. */
export function closeTargetGroup(group: TargetGroup): void {
  for (const { target } of group.members.values()) cutTarget(target);
  group.members.clear();
}

/** What DescribeTargetHealth shows of the group's registered targets. */
export function describeTargets(group: TargetGroup, timeScale: number): readonly TargetState[] {
  return group.configuration.targets.flatMap((registration) => {
    const member = group.members.get(targetKey(registration));
    return member === undefined ? [] : [describeMember(group, member, timeScale)];
  });
}

function describeMember(group: TargetGroup, { target, health }: Member, timeScale: number): TargetState {
  const { arn, inUse, healthCheck } = group.configuration;
  const common = { targetGroupArn: arn, id: target.id, port: target.port, inFlight: target.exchanges.size };
  if (!inUse) {
    const description = 'Target group is not configured to receive traffic from the load balancer';
    return { ...common, state: 'unused', reason: 'Target.NotInUse', description, since: health.since };
  }
  if (target.drainingSince !== undefined) return { ...common, ...describeDraining(group, target, timeScale) };
  if (!healthCheck.enabled) {
    const description = 'Health checks are disabled for this target';
    return { ...common, state: 'unavailable', reason: 'Target.HealthCheckDisabled', description, since: health.since };
  }
  const { state, since } = health;
  return {
    ...common,
    state,
    since,
    ...(health.reason === undefined ? {} : { reason: health.reason }),
    ...(health.description === undefined ? {} : { description: health.description }),
  };
}

/** A target shows `draining` for the whole delay, even when no request is in flight any more. */
function describeDraining(group: TargetGroup, target: Target, timeScale: number): Pick<TargetState, 'state' | 'since'> {
  const since = target.drainingSince ?? 0;
  const endsAt = since + deregistrationDelayMs(group, timeScale);
  const over = { reason: 'Target.NotRegistered', description: 'Target is not registered to the target group' };
  if (target.drained) return { state: 'unused', since: endsAt, ...over };
  const reason = { reason: 'Target.DeregistrationInProgress', description: 'Target deregistration is in progress' };
  return { state: 'draining', since, ...reason };
}
