/** The creation of a rule at the first priority that nobody has, and never of a second one where a read misses the first. */
import { ApplicationFailure } from '@temporalio/common';
import { resourceTags, tagKeys } from '../../../planning/names';
import { byPriority, type ListenerRule, type RuleState } from '../../../planning/routing/listener-rules';
import { freePriorities } from '../../../planning/routing/priorities';
import { tagsAtCreation } from '../../../planning/tags';
import { routeRules, type PlannedRule, type RoutePlan } from '../../../planning/routing/rule-set';
import { pause } from '../../polling';
import type { AwsClients } from '../client/clients';
import { isAwsError } from '../client/errors';
import { createRule, describeRules, modifyRule } from './listener-rules';
import { hasIndex } from './rule-changes';

type Elb = AwsClients['elb'];

/** How long a rule may be unseen that has a priority already. */
const unseenMs = 10_000;
const lookEveryMs = 500;

/**
 * A priority that AWS says is taken, and at which no rule is seen, may have our own: an attempt before made it, and its answer was
 * lost. That rule is taken, not a second one made.
 * Effect: one CreateRule or one ModifyRule, after the attempts that AWS refused.
 * @param rules every rule of the listener, as far as it was seen
 * @throws {ApplicationFailure} of type `QuotaExceeded` when every priority of the zone's range is taken
 */
export async function createPlannedRule(
  elb: Elb,
  route: RoutePlan,
  { planned, wanted: state }: { readonly planned: PlannedRule; readonly wanted: RuleState },
  rules: readonly ListenerRule[],
): Promise<void> {
  const { listenerArn, sticky, priorities } = route;
  const free = freePriorities(byPriority(rules), priorities, route.kind);
  const isSeen = (priority: number) => rules.some((rule) => Number(rule.priority) === priority);
  for (const priority of [planned.priority, ...free.filter((one) => one !== planned.priority)]) {
    // Somebody has taken it since the plan: any other of the range will do.
    if (isSeen(priority)) continue;
    try {
      return await createRule(elb, { listenerArn, priority, state, sticky, tags: tagsOf(route, planned) });
    } catch (failure) {
      if (!isAwsError(failure, 'PriorityInUse')) throw failure;
    }
    const holder = await findHolder(elb, listenerArn, priority);
    const [own] = holder ? routeRules([holder], route.application, route.kind, route.port) : [];
    if (own && hasIndex(own, planned)) return await modifyRule(elb, own.arn, state, sticky);
  }
  throw ApplicationFailure.nonRetryable(
    `Every priority from ${priorities.from} to ${priorities.to} of the listener is taken: widen the zone's "priorities", then retry.`,
    'QuotaExceeded',
  );
}

const tagsOf = ({ application, kind, port, tags = {} }: RoutePlan, { index, module }: PlannedRule) => ({
  ...tagsAtCreation(resourceTags(application, tags)),
  [tagKeys.route]: kind,
  [tagKeys.rule]: String(index),
  ...(module !== null && { [tagKeys.module]: module }),
  ...(port !== undefined && { [tagKeys.port]: port }),
});

/** The rule at a priority that is taken; `undefined` when none appears, for it is gone again. */
async function findHolder(elb: Elb, listenerArn: string, priority: number): Promise<ListenerRule | undefined> {
  for (const began = performance.now(); ; await pause(lookEveryMs)) {
    const holder = (await describeRules(elb, listenerArn)).find((rule) => Number(rule.priority) === priority);
    if (holder || performance.now() - began >= unseenMs) return holder;
  }
}
