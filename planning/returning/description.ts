/** What a way back would write, in the words of AWS, for the person who is asked first. */
import { targetGroupName } from '../names';
import type { WeightedTargetGroup } from '../routing/listener-rules';
import type { PlannedRule } from '../routing/rule-set';
import { ruleAt } from '../routing/rule-states';
import { returned, type ReturnPlan, type ReturnThrough } from './return';

/** A line a write; none where the replicas are there and every live rule is as it is to be. */
export function describeReturn({ blue, through }: ReturnPlan): string[] {
  const missing = blue !== null && blue.desiredCount < blue.count;
  const moved = through.flatMap(({ differing }) => differing).length > 0;
  return [
    ...through
      .filter(({ attaches }) => attaches && (missing || moved))
      .map(
        ({ testRoute, groups }) =>
          `create test listener rules of ${testRoute.listenerArn}: they attach ${targetGroupName(groups.green)} until the next deployment`,
      ),
    ...(missing
      ? [
          `scale service ${blue.service} from ${blue.desiredCount} to ${blue.count} replicas, and wait until all are healthy`,
        ]
      : []),
    ...through.flatMap((one) => one.differing.map((rule) => describeRule(one, rule))),
  ];
}

function describeRule({ groups }: ReturnThrough, rule: PlannedRule): string {
  const wanted = ruleAt(rule, returned, groups);
  const name = `listener rule ${rule.arn ?? `at priority ${rule.priority}`}`;
  const now = rule.found ? ` (now ${formatForward(rule.found.forward)})` : '';
  if (wanted === null) return `delete ${name}${now}: the default rule serves`;
  return `${rule.found ? 'change' : 'create'} ${name}: all requests to ${formatForward(wanted.forward)}${now}`;
}

const formatForward = (forward: readonly WeightedTargetGroup[]): string =>
  forward
    .map(({ targetGroupArn, weight }) => `${targetGroupName(targetGroupArn)}${forward.length > 1 ? ` ${weight}` : ''}`)
    .join(' and ') || 'nothing';
