/** How much of a load balancer's quotas is used, and how much a runbook needs at its widest. */
import type { Budget } from './preview';
import type { DeploymentPlan } from '../plans/deployment';
import type { PlannedRule } from '../routing/rule-set';

/** The zone's load balancer, over all of its listeners. */
export interface LoadBalancerUse {
  /** Its name, where it is another than that of the zone's first listener. */
  readonly name?: string;
  /** Default rules not counted, as in the quota. */
  readonly rules: number;
  readonly ruleLimit: number;
  /** Unique target groups in its rules. */
  readonly targetGroups: number;
  readonly targetGroupLimit: number;
}

/** What a deployment needs of each load balancer while blue and green are both there. @param uses by the zone's listeners, in their order */
export const deploymentBudgets = (plan: DeploymentPlan, uses: readonly LoadBalancerUse[]): Budget[] =>
  [plan, ...(plan.alsoThrough ?? [])].flatMap((one, at) => (uses[at] ? budgetsThrough(one, uses[at]) : []));

function budgetsThrough(
  { liveRoute, testRoute, blue: now }: Pick<DeploymentPlan, 'liveRoute' | 'testRoute' | 'blue'>,
  use: LoadBalancerUse,
): Budget[] {
  const isNew = ({ found, after }: PlannedRule) => found === null && after !== null;
  const rules = [...liveRoute.rules, ...testRoute.rules].filter(isNew).length;
  // The Platform Server's group is in the default rule already; a slot's own becomes one more while both are in rules.
  const groups = now.kind === 'platformServer' || testRoute.rules.some(isNew) ? 1 : 0;
  return budgets(use, { rules: use.rules + rules, targetGroups: use.targetGroups + groups });
}

/** What is used of the load balancer's quotas, and what will be at most. */
export const budgets = (
  { rules, ruleLimit, targetGroups, targetGroupLimit, name = 'the load balancer' }: LoadBalancerUse,
  atMost: { readonly rules: number; readonly targetGroups: number },
): Budget[] => [
  { what: `rules of ${name}`, used: rules, atMost: atMost.rules, limit: ruleLimit },
  {
    what: `target groups of ${name}`,
    used: targetGroups,
    atMost: atMost.targetGroups,
    limit: targetGroupLimit,
  },
];
