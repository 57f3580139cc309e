/** What is left of quotas and priorities. */
import { finding, type Finding } from '../doctor';
import type { LoadBalancerUse } from '../preview/budgets';
import type { ListenerRule } from '../routing/listener-rules';
import { freePriorities } from '../routing/priorities';
import type { PriorityRange } from '../routing/rule-set';

/** One deployment of the simplest kind needs two rules, a target group and two priorities more. */
const neededRules = 2;

/**
 * What is left of the load balancer's quotas and of the zone's priorities: a warning below a tenth, an error below what one
 * deployment needs.
 * @param rules the live listener's
 */
export function findQuotas(use: LoadBalancerUse, rules: readonly ListenerRule[], range: PriorityRange): Finding[] {
  return [
    roomFinding({
      check: 'quotas',
      what: 'rules of the load balancer',
      free: use.ruleLimit - use.rules,
      limit: use.ruleLimit,
      more: raiseLimit,
    }),
    roomFinding({
      check: 'quotas',
      what: 'target groups of the load balancer',
      free: use.targetGroupLimit - use.targetGroups,
      limit: use.targetGroupLimit,
      more: raiseLimit,
    }),
    roomFinding({
      check: 'priorities',
      what: `priorities from ${range.from} to ${range.to}`,
      free: freePriorities(rules, range, 'live').length,
      limit: range.to - range.from + 1,
      more: 'widen the zone\'s "priorities" in the settings',
    }),
  ];
}

interface Room {
  readonly check: string;
  readonly what: string;
  readonly free: number;
  readonly limit: number;
  /** What gives more of it. */
  readonly more: string;
}

const raiseLimit = 'have the limit raised';

function roomFinding({ check, what, free, limit, more }: Room): Finding {
  const says = `${free} of ${limit} ${what} are free`;
  if (free < neededRules)
    return finding({ check, state: 'error', says, next: `Remove what nobody needs or ${more}, then deploy.` });
  if (free < limit / 10) return finding({ check, state: 'warning', says, next: `Before they run out, ${more}.` });
  return finding({ check, state: 'ok', says });
}
