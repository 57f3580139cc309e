/**
 * The load balancer's state at work: target groups, rule tables and health checks, following one configuration.
 *
 * Invariant: a node that hasn't got a change yet behaves in everything as before the change.
 */
import type { CountReport, DataPlaneConfiguration, ListenerConfiguration, TargetReport } from './configuration';
import { type HeaderSettings, headerSettings } from './listening/forwarded-headers';
import { type Tally, createCounts } from './counts';
import { createHealthChecks } from './targets/health-checks';
import { type Rule, createRuleTables } from './routing/rule-tables';
import type { TargetGroup } from './targets/target-group';
import { createTargetGroups } from './targets/target-groups';
import type { TargetHealth } from './targets/target-health';
import { numberAttribute } from './time';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#load-balancer-attributes */
const usualIdleSeconds = 60;
/** Changes within this time are reported together. */
const togetherMs = 20;

/** What serving a request needs of its listener's load balancer. */
export interface LoadBalancerSettings {
  readonly idleTimeoutMs: number;
  readonly headers: HeaderSettings;
  /** Gives the tally of a target group; without one, that of requests that no group got. */
  tally(targetGroupArn?: string): Tally;
}

export interface Balancer {
  readonly timeScale: number;
  /** What sessions and tokens of known clients are signed with. */
  readonly loginKey: string;
  follow(configuration: DataPlaneConfiguration): void;
  /** The rules that the node at an address applies now. */
  rules(address: string, listenerArn: string): readonly Rule[];
  targetGroup(arn: string): TargetGroup | undefined;
  settings(listener: ListenerConfiguration): LoadBalancerSettings;
  report(): TargetReport;
  /** The minutes from `since` on (milliseconds since the epoch). */
  counts(since: number): CountReport;
  /** Every target's health, which has to be known after a restart. */
  health(): ReadonlyMap<string, TargetHealth>;
  close(): void;
}

export interface BalancerOptions {
  readonly knownHealth: ReadonlyMap<string, TargetHealth>;
  /** Called when the report has changed. */
  readonly onChange: () => void;
}

export function createBalancer({ knownHealth, onChange }: BalancerOptions): Balancer {
  const revision = createRevision(onChange);
  const groups = createTargetGroups({ knownHealth, onDrained: revision.nextSoon });
  const tables = createRuleTables(() => groups.removeUnused(tables.groupsInTables()));
  const checks = createHealthChecks(revision.nextSoon);
  const counts = createCounts();
  const settings = new Map<string, LoadBalancerSettings>();
  let timeScale = 1;
  let loginKey = '';
  return {
    get timeScale() {
      return timeScale;
    },
    get loginKey() {
      return loginKey;
    },
    follow(next) {
      timeScale = next.timeScale;
      loginKey = next.loginKey;
      for (const { arn, attributes } of next.loadBalancers) {
        const idleTimeoutMs = idleTimeoutOf(attributes);
        settings.set(arn, { idleTimeoutMs, headers: headerSettings(attributes), tally: counts.tallies(arn) });
      }
      groups.follow(next, Math.max(idleTimeoutOf({}), ...[...settings.values()].map((each) => each.idleTimeoutMs)));
      tables.follow(next);
      groups.removeUnused(tables.groupsInTables());
      checks.follow(groups.all(), timeScale);
      revision.next();
    },
    rules: (address, listenerArn) => tables.rules(address, listenerArn),
    targetGroup: (arn) => groups.get(arn),
    settings: ({ loadBalancerArn: arn }) =>
      settings.get(arn) ?? {
        idleTimeoutMs: idleTimeoutOf({}),
        headers: headerSettings({}),
        tally: counts.tallies(arn),
      },
    counts: (since) => counts.report(since),
    report: () => ({ revision: revision.current(), targets: groups.describe() }),
    health: () => groups.health(),
    close() {
      revision.close();
      checks.close();
      tables.close();
      groups.close();
    },
  };
}

/**
 * Real milliseconds, whatever the time scale: the processes at both ends don't get faster with it, and a client that the machine
 * kept waiting would send on a connection that is just being closed.
 */
function idleTimeoutOf(attributes: Readonly<Record<string, string>>): number {
  return numberAttribute(attributes, 'idle_timeout.timeout_seconds', usualIdleSeconds) * 1000;
}

interface Revision {
  current(): number;
  next(): void;
  /** Many targets change together: those changes get one revision. */
  nextSoon(): void;
  close(): void;
}

/** The revision of the report, which grows with every change. */
function createRevision(onChange: () => void): Revision {
  // It doesn't begin at 0, so that a reader of an earlier process's reports notices.
  let revision = Date.now();
  let timer: NodeJS.Timeout | undefined;
  const next = (): void => {
    clearTimeout(timer);
    timer = undefined;
    revision += 1;
    onChange();
  };
  return {
    current: () => revision,
    next,
    nextSoon: () => {
      timer ??= setTimeout(next, togetherMs);
    },
    close: () => clearTimeout(timer),
  };
}
