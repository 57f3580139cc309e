/** How much of a load balancer's quotas is used, and how much a runbook needs at its widest. */
import type { Budget } from './preview';
import type { DeploymentPlan } from '../plans/deployment';
import type { PlannedRule } from '../routing/rule-set';

/** The zone's load balancer, over all of its listeners. */
export interface LoadBalancerUse {
  /** Default rules not counted, as in the quota. */
  readonly rules: number;
  readonly ruleLimit: number;
  /** Unique target groups in its rules. */
  readonly targetGroups: number;
  readonly targetGroupLimit: number;
}

/** What a deployment needs while blue and green are both there. */
export function deploymentBudgets({ liveRoute, testRoute, blue: now }: DeploymentPlan, use: LoadBalancerUse): Budget[] {
  const isNew = ({ found, after }: PlannedRule) => found === null && after !== null;
  const rules = [...liveRoute.rules, ...testRoute.rules].filter(isNew).length;
  // The Platform Server's group is in the default rule already; a slot's own becomes one more while both are in rules.
  const groups = now.kind === 'platformServer' || testRoute.rules.some(isNew) ? 1 : 0;
  return budgets(use, { rules: use.rules + rules, targetGroups: use.targetGroups + groups });
}

/** What is used of the load balancer's quotas, and what will be at most. */
export const budgets = (
  { rules, ruleLimit, targetGroups, targetGroupLimit }: LoadBalancerUse,
  atMost: { readonly rules: number; readonly targetGroups: number },
): Budget[] => [
  { what: 'rules of the load balancer', used: rules, atMost: atMost.rules, limit: ruleLimit },
  {
    what: 'target groups of the load balancer',
    used: targetGroups,
    atMost: atMost.targetGroups,
    limit: targetGroupLimit,
  },
];
