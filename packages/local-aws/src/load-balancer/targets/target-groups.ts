/**
 * All target groups at work, following one configuration.
 *
 * Invariant: a target group that left the configuration stays as long as a node's rules still forward to it, with the targets
 * that it had.
 */
import type { DataPlaneConfiguration, TargetState } from '../configuration';
import {
  type GroupSettings,
  type TargetGroup,
  closeTargetGroup,
  createTargetGroup,
  describeTargets,
  healthKey,
  updateTargetGroup,
} from './target-group';
import type { TargetHealth } from './target-health';

export interface TargetGroups {
  get(arn: string): TargetGroup | undefined;
  all(): Iterable<TargetGroup>;
  follow(configuration: DataPlaneConfiguration, idleTimeoutMs: number): void;
  /** Removes the groups that are neither configured nor, by their ARN, still in a node's rules. */
  removeUnused(inTables: ReadonlySet<string>): void;
  /** What DescribeTargetHealth shows of the configured groups. */
  describe(): readonly TargetState[];
  /** Every target's health, by `healthKey`. */
  health(): ReadonlyMap<string, TargetHealth>;
  close(): void;
}

export function createTargetGroups({
  knownHealth,
  onDrained,
}: Pick<GroupSettings, 'knownHealth' | 'onDrained'>): TargetGroups {
  const groups = new Map<string, TargetGroup>();
  let configured: ReadonlySet<string> = new Set();
  let timeScale = 1;
  let profile: DataPlaneConfiguration['profile'];
  return {
    get: (arn) => groups.get(arn),
    all: () => groups.values(),
    follow(configuration, idleTimeoutMs) {
      configured = new Set(configuration.targetGroups.map(({ arn }) => arn));
      timeScale = configuration.timeScale;
      profile = configuration.profile;
      for (const wanted of configuration.targetGroups) {
        const group = groups.get(wanted.arn) ?? createTargetGroup(wanted);
        groups.set(wanted.arn, group);
        updateTargetGroup(group, wanted, { timeScale, profile, idleTimeoutMs, knownHealth, onDrained });
      }
    },
    removeUnused(inTables) {
      for (const [arn, group] of groups) {
        if (configured.has(arn) || inTables.has(arn)) continue;
        const unused = { ...group.configuration, inUse: false, targets: [] };
        updateTargetGroup(group, unused, { timeScale, profile, idleTimeoutMs: 0, knownHealth, onDrained });
        groups.delete(arn);
      }
    },
    describe() {
      const shown = [...groups.values()].filter((group) => configured.has(group.configuration.arn));
      return shown.flatMap((group) => describeTargets(group, timeScale));
    },
    health: () => healthByTarget(groups.values()),
    close() {
      for (const group of groups.values()) closeTargetGroup(group);
      groups.clear();
    },
  };
}

function healthByTarget(groups: Iterable<TargetGroup>): ReadonlyMap<string, TargetHealth> {
  const health = new Map<string, TargetHealth>();
  for (const group of groups) {
    for (const member of group.members.values()) {
      health.set(healthKey(group, member.target), member.health);
    }
  }
  return health;
}
