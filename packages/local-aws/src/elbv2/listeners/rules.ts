/** The operations on listener rules. Default rules belong to their listener and can't be changed here. */
import type {
  CreateRuleInput,
  CreateRuleOutput,
  DeleteRuleInput,
  DescribeRulesInput,
  DescribeRulesOutput,
  ModifyRuleInput,
  ModifyRuleOutput,
  Rule as RuleDescription,
  SetRulePrioritiesInput,
  SetRulePrioritiesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { arnOf, hexId } from '../../scope';
import {
  invalid,
  listenerOf,
  listenersOfLoadBalancer,
  pageOf,
  putRule,
  removeRule,
  replaceActions,
  ruleOf,
  rulesOfListener,
  type Elbv2,
} from '../elbv2';
import { quotas } from '../quotas';
import type { Listener, Rule } from '../state';
import { setTags } from '../tags';
import { checkForwards, parseActions } from './actions';
import { parseConditions, parseTransforms } from './conditions';

/** @throws {AwsError} with code `PriorityInUse`, `TooManyRules` or `ListenerNotFound`, or for its conditions and actions */
export function createRule(elbv2: Elbv2, input: Given<CreateRuleInput>): CreateRuleOutput {
  const listener = listenerOf(elbv2, input.ListenerArn);
  checkPriority(input.Priority);
  const conditions = parseConditions(input.Conditions, elbv2);
  const actions = parseActions(elbv2, listener, input.Actions);
  const transforms = parseTransforms(input.Transforms ?? [], elbv2);
  if (rulesOfListener(elbv2, listener.arn).some(({ priority }) => priority === input.Priority)) {
    fail('PriorityInUseException', `Priority '${input.Priority}' is currently in use`);
  }
  checkRuleQuota(elbv2, listener);
  checkForwards(elbv2, listener.loadBalancerArn, { actions });
  const [, path = ''] = listener.arn.split(':listener/');
  const arn = arnOf(elbv2.scope, 'elasticloadbalancing', `listener-rule/${path}/${hexId(16)}`);
  const rule = { arn, listenerArn: listener.arn, priority: input.Priority, conditions, actions, transforms };
  setTags(elbv2, arn, input.Tags);
  putRule(elbv2, rule);
  elbv2.changed();
  return { Rules: [describe(rule)] };
}

/** Replaces the lists that are given; those that aren't given stay. */
export function modifyRule(elbv2: Elbv2, input: Given<ModifyRuleInput>): ModifyRuleOutput {
  const rule = changeable(elbv2, input.RuleArn, 'modified');
  if (input.ResetTransforms === true && input.Transforms !== undefined) {
    invalid('You cannot specify both Transforms and ResetTransforms');
  }
  const conditions = input.Conditions === undefined ? rule.conditions : parseConditions(input.Conditions, elbv2);
  const listener = listenerOf(elbv2, rule.listenerArn);
  const actions =
    input.Actions === undefined ? rule.actions : parseActions(elbv2, listener, input.Actions, rule.actions);
  const transforms = input.Transforms === undefined ? rule.transforms : parseTransforms(input.Transforms, elbv2);
  checkForwards(elbv2, listener.loadBalancerArn, { actions, arn: rule.arn });
  rule.conditions = conditions;
  replaceActions(elbv2, rule, actions);
  rule.transforms = input.ResetTransforms === true ? [] : transforms;
  elbv2.changed();
  return { Rules: [describe(rule)] };
}

export function deleteRule(elbv2: Elbv2, input: Given<DeleteRuleInput>): object {
  const { arn } = changeable(elbv2, input.RuleArn, 'deleted');
  removeRule(elbv2, arn);
  elbv2.changed();
  return {};
}

/** Changes all priorities at once, or none: no two rules of a listener may have the same one afterwards. */
export function setRulePriorities(elbv2: Elbv2, input: Given<SetRulePrioritiesInput>): SetRulePrioritiesOutput {
  const wanted = new Map<Rule, number>();
  for (const { RuleArn = '', Priority = 0 } of input.RulePriorities) {
    checkPriority(Priority);
    wanted.set(changeable(elbv2, RuleArn, 'modified'), Priority);
  }
  for (const [rule, priority] of wanted) {
    const rivals = rulesOfListener(elbv2, rule.listenerArn).filter((other) => other !== rule);
    if (rivals.some((other) => (wanted.get(other) ?? other.priority) === priority)) {
      fail('PriorityInUseException', `Priority '${priority}' is currently in use`);
    }
  }
  for (const [rule, priority] of wanted) rule.priority = priority;
  elbv2.changed();
  return { Rules: [...wanted.keys()].map(describe) };
}

/** The rules come by ascending priority, with the default rule at the end. */
export function describeRules(elbv2: Elbv2, input: DescribeRulesInput): DescribeRulesOutput {
  const { items, ...next } = pageOf(wantedRules(elbv2, input), input);
  return { Rules: items.map(describe), ...next };
}

function wantedRules(elbv2: Elbv2, input: DescribeRulesInput): Rule[] {
  const arns = input.RuleArns ?? [];
  if (arns.length > 0 && input.ListenerArn !== undefined)
    invalid('You cannot specify both a listener ARN and rule ARNs');
  if (arns.length > 0) {
    if (arns.some((arn) => elbv2.state.rules[arn] === undefined))
      fail('RuleNotFoundException', 'One or more rules not found');
    return arns.map((arn) => ruleOf(elbv2, arn));
  }
  const listenerArn = input.ListenerArn ?? invalid('You must specify either listener rule ARNs or a listener ARN');
  if (elbv2.state.listeners[listenerArn] === undefined)
    fail('ListenerNotFoundException', 'One or more listeners not found');
  return rulesOfListener(elbv2, listenerArn);
}

function changeable(elbv2: Elbv2, arn: string, how: 'modified' | 'deleted'): Rule & { priority: number } {
  const rule = ruleOf(elbv2, arn);
  if (rule.priority === 'default') fail('OperationNotPermittedException', `Default rule '${arn}' cannot be ${how}`);
  return rule as Rule & { priority: number };
}

function checkPriority(priority: number): void {
  if (Number.isInteger(priority) && priority >= 1 && priority <= 50_000) return;
  const bound = priority < 1 ? 'greater than or equal to 1' : 'less than or equal to 50000';
  invalid(
    `1 validation error detected: Value '${priority}' at 'priority' failed to satisfy constraint: Member must have value ${bound}`,
  );
}

function checkRuleQuota(elbv2: Elbv2, listener: Listener): void {
  const rules = listenersOfLoadBalancer(elbv2, listener.loadBalancerArn)
    .flatMap(({ arn }) => rulesOfListener(elbv2, arn))
    .filter(({ priority }) => priority !== 'default');
  if (rules.length >= quotas.rulesPerLoadBalancer) {
    fail('TooManyRulesException', "You've reached the limit on the number of rules per load balancer");
  }
}

function describe(rule: Rule): RuleDescription {
  return {
    RuleArn: rule.arn,
    Priority: `${rule.priority}`,
    Conditions: [...rule.conditions],
    Actions: [...rule.actions],
    IsDefault: rule.priority === 'default',
    Transforms: [...rule.transforms],
  };
}
