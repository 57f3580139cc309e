/**
 * Whether Route 53 would call load balancers healthy, and since when: every target group that contains targets must contain
 * enough healthy ones. On the control port, `GET /load-balancers` answers with the present state and with every time at which it
 * was another, since this process began.
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/resource-record-sets-values-failover-alias.html
 *
 * A target that is being deregistered isn't contained any more. It isn't documented, and not seen on a real account, that
 * Route 53 obeys thresholds which are `off`.
 */
import type { ControlRoute } from '../control';
import { type Elbv2, isInUse, loadBalancersOfTargetGroup } from './elbv2';
import type { TargetGroup } from './state';
import { healthOf } from './target-groups/targets';

/** A stretch of time in which a target group made its load balancer unhealthy. Times are milliseconds since the epoch. */
export interface UnhealthySpell {
  readonly loadBalancerArn: string;
  /** The group's name. */
  readonly targetGroup: string;
  readonly from: number;
  /** Absent while it lasts. */
  until?: number;
  /** Each target with its state, at the beginning. */
  readonly targets: readonly string[];
}

export interface DnsHealth {
  /** To be called when the health of a target, or a setting, may have changed. */
  look(): void;
  readonly spells: readonly UnhealthySpell[];
}

const prefix = 'target_group_health.dns_failover.minimum_healthy_targets';

export function watchDnsHealth(elbv2: Elbv2): DnsHealth {
  const spells: UnhealthySpell[] = [];
  return {
    spells,
    look() {
      // What isn't known is no news.
      if (elbv2.reported() === undefined) return;
      const unhealthy = Object.values(elbv2.state.targetGroups).filter((group) => !isHealthy(elbv2, group));
      const names = new Set(unhealthy.map(({ name }) => name));
      for (const spell of spells) if (!names.has(spell.targetGroup)) spell.until ??= elbv2.now();
      for (const group of unhealthy) {
        const lasts = spells.some(({ targetGroup, until }) => targetGroup === group.name && until === undefined);
        if (!lasts) spells.push(...beginSpell(elbv2, group));
      }
    },
  };
}

function beginSpell(elbv2: Elbv2, group: TargetGroup): UnhealthySpell[] {
  const targets = containedTargets(group).map(
    (target) => `${target.id}:${target.port} ${healthOf(elbv2, group, target).State}`,
  );
  return loadBalancersOfTargetGroup(elbv2, group.arn).map((loadBalancerArn) => ({
    loadBalancerArn,
    targetGroup: group.name,
    from: elbv2.now(),
    targets,
  }));
}

/** A group of no load balancer, without targets, or with both thresholds off, makes nothing unhealthy. */
function isHealthy(elbv2: Elbv2, group: TargetGroup): boolean {
  const targets = containedTargets(group);
  if (targets.length === 0 || !isInUse(elbv2, group.arn)) return true;
  const healthy = targets.filter((target) => healthOf(elbv2, group, target).State === 'healthy').length;
  const enough = (kind: 'count' | 'percentage', has: number) => {
    const least = group.attributes[`${prefix}.${kind}`] ?? 'off';
    return least === 'off' || has >= Number(least);
  };
  return enough('count', healthy) && enough('percentage', (healthy / targets.length) * 100);
}

const containedTargets = ({ targets }: TargetGroup) =>
  targets.filter(({ drainingSince }) => drainingSince === undefined);

export function dnsHealthRoute({ state }: Elbv2, { spells }: DnsHealth): ControlRoute {
  return ({ method, url }) => {
    if (method !== 'GET' || url.pathname !== '/load-balancers') return undefined;
    return Object.values(state.loadBalancers).map(({ arn, name }) => {
      const own = spells.filter(({ loadBalancerArn }) => loadBalancerArn === arn);
      return { arn, name, healthyToRoute53: own.every(({ until }) => until !== undefined), unhealthy: own };
    });
  };
}
