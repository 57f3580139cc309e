/**
 * Finds what another tool put before and behind an application: the rules that win its requests, or that an earlier deployment
 * marked, and the one target group that they lead to.
 */
import {
  byPriority,
  seenBy,
  targetGroupsOf,
  winnersOf,
  type ListenerRule,
  type ListenerRules,
} from '../routing/listener-rules';
import { routeRules, type RuleMark } from '../routing/rule-set';
import { blueInSlot, blueOf, defaultTargetGroups, largestShare, type AdoptedBlue, type Blue } from '../observed/blue';
import { belongsTo, tagKeys, targetGroupName, type ApplicationIdentity } from '../names';
import type { FoundSlot, ForeignRoute, ObservedForeign } from '../observed/observed';
import { Refusal } from '../refusal';

/** The value of the tag `cutover:route` while a rule is being adopted. */
export const marked: RuleMark = 'adopted';

/**
 * `undefined` where there is nothing to adopt: no foreign rule, or only one that leads where the default rule does.
 * @throws {Refusal} when the modules are behind several target groups
 */
export function findForeignRoute(
  application: ApplicationIdentity,
  { rules, met, platformServer }: ListenerRules,
  paths: readonly string[],
  hosts: readonly string[],
): ForeignRoute | undefined {
  const marks = routeRules(rules, application, marked);
  const ownsRules = routeRules(rules, application, 'live').length > 0;
  const seen = new Set(winnersOf(seenBy(rules, met), paths, hosts).map(({ arn }) => arn));
  const won = byPriority(rules.filter(({ arn }) => seen.has(arn))).filter(
    (rule) => isAdoptable(rule) || belongsTo(rule.tags, application),
  );
  const service = marks[0]?.tags[tagKeys.adopted];
  if (service !== undefined) return { winners: won, rules: marks, behind: { service } };
  if (ownsRules) return undefined;
  const groups = new Set(won.flatMap(targetGroupsOf));
  const [targetGroupArn, ...more] = groups;
  if (targetGroupArn === undefined || defaultTargetGroups({ rules, platformServer }).includes(targetGroupArn))
    return undefined;
  if (more.length > 0)
    throw new Refusal(
      `The modules of ${application.name} are behind ${groups.size} target groups of another tool (${[...groups].map(targetGroupName).join(', ')}), and one application is adopted from one: point those rules at one of them first.`,
    );
  const leading = byPriority(rules).filter(
    (rule) => isAdoptable(rule) && targetGroupsOf(rule).includes(targetGroupArn),
  );
  return { winners: won, rules: leading, behind: { targetGroupArn } };
}

const isAdoptable = ({ priority, tags }: ListenerRule) => priority !== 'default' && tags[tagKeys.key] === undefined;

/**
 * What serves an application now, where it may be something that another tool made.
 * @throws {Refusal} when that can't be told, or can't be adopted
 */
export function blueOrAdoptedOf(
  application: ApplicationIdentity,
  listener: ListenerRules,
  slots: readonly FoundSlot[],
  foreign: ObservedForeign | undefined,
): Blue {
  if (!foreign) return blueOf(application, listener, slots);
  const group = largestShare(foreign.route.winners.map(inPercent));
  return blueInSlot(slots, group) ?? adoptedOf(application, foreign);
}

/** Weights of different rules say nothing about each other. */
const inPercent = (rule: ListenerRule): ListenerRule => {
  const total = rule.forward.reduce((sum, { weight }) => sum + weight, 0) || 1;
  return { ...rule, forward: rule.forward.map((group) => ({ ...group, weight: (group.weight * 100) / total })) };
};

/** What serves, where rules of another tool forward to it. @throws {Refusal} when it can't be adopted */
function adoptedOf({ name }: ApplicationIdentity, foreign: ObservedForeign): AdoptedBlue {
  const { service, targetGroupArn, route } = foreign;
  const rules = route.rules.map(({ arn, priority }) => `${arn} (priority ${priority})`).join(', ');
  if (!service || targetGroupArn === null)
    throw new Refusal(
      `${name} is caught by listener rule ${rules}, which is not one of cutover's, and no ECS service of the zone's cluster is behind it: remove or narrow that rule, or leave the module out.`,
    );
  const { taskDefinitionArn, desiredCount, image } = service;
  return {
    kind: 'adopted',
    service: service.name,
    targetGroupArn,
    taskDefinitionArn,
    desiredCount,
    release: null,
    image,
  };
}
