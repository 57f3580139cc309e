/**
 * The load balancer's state at work: target groups, rule tables and health checks, following one configuration.
 *
 * Invariant: a target group that left the configuration stays for as long as a node's rules still forward to it, with the
 * targets that it had: a node that hasn't heard of a change behaves as before the change, in everything.
 */
import type {
  CountReport,
  DataPlaneConfiguration,
  ListenerConfiguration,
  TargetReport,
  TargetState,
} from './configuration';
import { type HeaderSettings, headerSettings } from './listening/forwarded-headers';
import { type Tally, createCounts } from './counts';
import { createHealthChecks } from './targets/health-checks';
import { type Rule, createRuleTables } from './routing/rule-tables';
import {
  type TargetGroup,
  closeTargetGroup,
  createTargetGroup,
  describeTargets,
  healthKey,
  updateTargetGroup,
} from './targets/target-group';
import type { TargetHealth } from './targets/target-health';
import { numberAttribute, scaledAnswerMs } from './time';

/** An idle connection of a real client isn't faster with the time scale. */
const leastIdleTimeoutMs = 5_000;
/** Changes within this time are told as one. */
const togetherMs = 20;

/** What serving a request needs to know of its listener's load balancer. */
export interface LoadBalancerSettings {
  readonly idleTimeoutMs: number;
  readonly headers: HeaderSettings;
  /** Counts what meets a target group; without one, what meets none. */
  tally(targetGroupArn?: string): Tally;
}

export interface Balancer {
  readonly nodeCount: number;
  readonly timeScale: number;
  follow(configuration: DataPlaneConfiguration): void;
  rules(node: number, listenerArn: string): readonly Rule[];
  targetGroup(arn: string): TargetGroup | undefined;
  settings(listener: ListenerConfiguration): LoadBalancerSettings;
  report(): TargetReport;
  counts(since: number): CountReport;
  /** To be known after a restart. */
  health(): ReadonlyMap<string, TargetHealth>;
  close(): void;
}

export interface BalancerOptions {
  readonly nodeCount: number;
  readonly knownHealth: ReadonlyMap<string, TargetHealth>;
  /** A target's state changed. */
  readonly onChange: () => void;
}

export function createBalancer({ nodeCount, knownHealth, onChange }: BalancerOptions): Balancer {
  const groups = new Map<string, TargetGroup>();
  const settings = new Map<string, LoadBalancerSettings>();
  const tables = createRuleTables(nodeCount, () => dropForgottenGroups());
  // Not from 0, so that a reader of an earlier process's reports notices.
  let revision = Date.now();
  let configuration: DataPlaneConfiguration | undefined;
  let timeScale = 1;

  let telling: NodeJS.Timeout | undefined;
  const counts = createCounts();

  const tell = () => {
    clearTimeout(telling);
    telling = undefined;
    revision += 1;
    onChange();
  };
  // Many targets change together: readers are told once.
  const changed = () => {
    telling ??= setTimeout(tell, togetherMs);
  };
  const checks = createHealthChecks(changed);

  function dropForgottenGroups(): void {
    const configured = new Set(configuration?.targetGroups.map(({ arn }) => arn));
    const inTables = tables.groupsInTables();
    for (const [arn, group] of groups) {
      if (configured.has(arn) || inTables.has(arn)) continue;
      const groupSettings = { timeScale, idleTimeoutMs: 0, knownHealth, onDrained: changed };
      updateTargetGroup(group, { ...group.configuration, inUse: false, targets: [] }, groupSettings);
      groups.delete(arn);
    }
  }

  function followGroups({ targetGroups }: DataPlaneConfiguration): void {
    const idleTimeoutMs = Math.max(leastIdleTimeoutMs, ...[...settings.values()].map((each) => each.idleTimeoutMs));
    const groupSettings = { timeScale, idleTimeoutMs, knownHealth, onDrained: changed };
    for (const wanted of targetGroups) {
      const group = groups.get(wanted.arn) ?? createTargetGroup(wanted);
      groups.set(wanted.arn, group);
      updateTargetGroup(group, wanted, groupSettings);
    }
  }

  return {
    nodeCount,
    get timeScale() {
      return timeScale;
    },
    follow(next) {
      configuration = next;
      timeScale = next.timeScale;
      for (const { arn, attributes } of next.loadBalancers) {
        const idleSeconds = numberAttribute(attributes, 'idle_timeout.timeout_seconds', 60);
        const idleTimeoutMs = scaledAnswerMs(idleSeconds, timeScale, leastIdleTimeoutMs);
        settings.set(arn, { idleTimeoutMs, headers: headerSettings(attributes), tally: counts.tallies(arn) });
      }
      followGroups(next);
      tables.follow(next);
      dropForgottenGroups();
      checks.follow(groups.values(), timeScale);
      tell();
    },
    rules: (node, listenerArn) => tables.rules(node, listenerArn),
    targetGroup: (arn) => groups.get(arn),
    settings: ({ loadBalancerArn }) =>
      settings.get(loadBalancerArn) ?? {
        idleTimeoutMs: 60_000,
        headers: headerSettings({}),
        tally: counts.tallies(loadBalancerArn),
      },
    counts: (since) => counts.report(since),
    report() {
      const configured = new Set(configuration?.targetGroups.map(({ arn }) => arn));
      const reported = [...groups.values()].filter((group) => configured.has(group.configuration.arn));
      const targets: readonly TargetState[] = reported.flatMap((group) => describeTargets(group, timeScale));
      return { revision, targets };
    },
    health: () => healthByTarget(groups.values()),
    close() {
      clearTimeout(telling);
      checks.close();
      tables.close();
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
