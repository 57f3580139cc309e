/**
 * Adopting: what another tool put before and behind an application becomes blue at its first deployment.
 *
 * - The cut changes their rules in place: a rule keeps its ARN and its priority, and is put back exactly as it was found by a
 *   rollback. Rules that the cut needs no more stay as they are until the bake is over.
 * - Only rules that nobody else's deployment owns are adopted, and all that forward to the adopted target group are, for it
 *   goes to zero at the end.
 * - They are marked before anything else, so that the next deployment after a Terminate finds them again.
 */
import { byPriority, stateOf, winningRule, type ListenerRule, type RuleState } from '../routing/listener-rules';
import { blueInSlot, blueOf, largestShare, type Adopted, type Blue } from '../observed/blue';
import { applicationTags, belongsTo, tagKeys, targetGroupName, type ApplicationIdentity } from '../names';
import type { ForeignRoute, Observed, ObservedForeign, ObservedSlot } from '../observed/observed';
import type { ObservedListener } from '../routing/listener-rules';
import { Refusal } from '../refusal';
import { routeRules, type PlannedRule, type RuleMark } from '../routing/rule-set';

export interface AdoptedRule {
  readonly arn: string;
  readonly priority: number;
  readonly found: RuleState;
  /** The place in the live route that it takes; `null` for a rule that goes. */
  readonly ruleIndex: number | null;
}

export interface Adoption {
  readonly service: string;
  readonly targetGroupArn: string;
  readonly rules: readonly AdoptedRule[];
  /** Tags that mark the rules until the end, and that a rollback takes away again. */
  readonly marks: Readonly<Record<string, string>>;
  /** A pattern a line that catches more than the modules, and what of it is known. */
  readonly stopsCatching: readonly string[];
  /** Deletes the adopted service and its target group in the end, instead of leaving them at zero. */
  readonly deleted: boolean;
}

/** The value of the tag `cutover:route` while a rule is being adopted. */
const marked: RuleMark = 'adopted';

/**
 * `undefined` where there is nothing to adopt: no foreign rule, or one that can't be told from a mistake.
 * @throws {Refusal} when the modules are behind several target groups
 */
export function findForeignRoute(
  application: ApplicationIdentity,
  { rules }: ObservedListener,
  paths: readonly string[],
  hosts: readonly string[],
): ForeignRoute | undefined {
  const marks = routeRules(rules, application, marked);
  const ownsRules = routeRules(rules, application, 'live').length > 0;
  const won = winnersOf(rules, paths, hosts).filter((rule) => isAdoptable(rule) || belongsTo(rule.tags, application));
  const service = marks[0]?.tags[tagKeys.adopted];
  if (service !== undefined) return { winners: won, rules: marks, behind: { service } };
  if (ownsRules) return undefined;
  const groups = new Set(won.flatMap(groupsOf));
  const [targetGroupArn, ...more] = groups;
  if (targetGroupArn === undefined || groupsOf(byPriority(rules).at(-1)).includes(targetGroupArn)) return undefined;
  if (more.length > 0)
    throw new Refusal(
      `The modules of ${application.name} are behind ${groups.size} target groups of another tool (${[...groups].map(targetGroupName).join(', ')}), and one application is adopted from one: point those rules at one of them first.`,
    );
  const leading = byPriority(rules).filter((rule) => isAdoptable(rule) && groupsOf(rule).includes(targetGroupArn));
  return { winners: won, rules: leading, behind: { targetGroupArn } };
}

const isAdoptable = ({ priority, tags }: ListenerRule) => priority !== 'default' && tags[tagKeys.key] === undefined;
const groupsOf = (rule: RuleState | undefined) =>
  (rule?.forward ?? []).filter(({ weight }) => weight > 0).map(({ targetGroupArn }) => targetGroupArn);

function winnersOf(rules: readonly ListenerRule[], paths: readonly string[], hosts: readonly string[]): ListenerRule[] {
  const asked = paths.flatMap((path) => [path, `${path}/`]).flatMap((path) => hosts.map((host) => ({ host, path })));
  return byPriority([...new Set(asked.flatMap((request) => winningRule(rules, request) ?? []))]);
}

/**
 * What serves an application now, where it may be something that another tool made.
 * @throws {Refusal} when that can't be told, or can't be adopted
 */
export function blueOrAdoptedOf(
  application: ApplicationIdentity,
  listener: ObservedListener,
  slots: readonly ObservedSlot[],
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
function adoptedOf({ name }: ApplicationIdentity, foreign: ObservedForeign): Adopted {
  const { service, targetGroupArn, route } = foreign;
  const rules = route.rules.map(({ arn, priority }) => `${arn} (priority ${priority})`).join(', ');
  if (!service || targetGroupArn === null)
    throw new Refusal(
      `${name} is caught by listener rule ${rules}, which is not one of cutover's, and no ECS service of the zone's cluster is behind it: remove or narrow that rule, or leave the module out.`,
    );
  if (service.targetGroupArns.length > 1)
    throw new Refusal(
      `${service.name}, which serves ${name} now, is in ${service.targetGroupArns.length} target groups, and cutover moves the traffic of one: leave it in one first.`,
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

/**
 * How the rules are adopted.
 * @param planned the live rules, of which some are adopted ones
 * @throws {Refusal} when a rule asks for more than paths and hosts, or a module would still be caught by another rule
 */
export function planAdoption(
  application: ApplicationIdentity,
  { foreign, liveListener }: Pick<Observed, 'liveListener'> & { readonly foreign: ObservedForeign },
  planned: readonly PlannedRule[],
  asked: {
    readonly paths: readonly string[];
    readonly hosts: readonly string[];
    readonly deleteAdopted: boolean;
    /** Modules of other applications, with their application's name. */
    readonly others: Readonly<Record<string, string>>;
  },
): Adoption {
  const { route, service, targetGroupArn } = foreign;
  refuseWiderRules(route.rules, asked.hosts);
  refuseModulesStillCaught(liveListener.rules, planned, asked);
  const name = service?.name ?? ('service' in route.behind ? route.behind.service : '');
  return {
    service: name,
    targetGroupArn: targetGroupArn ?? '',
    rules: route.rules.map((rule) => ({
      arn: rule.arn,
      priority: Number(rule.priority),
      found: stateOf(rule),
      ruleIndex: planned.find(({ arn }) => arn === rule.arn)?.index ?? null,
    })),
    marks: { ...applicationTags(application), [tagKeys.route]: marked, [tagKeys.adopted]: name },
    stopsCatching: route.rules.flatMap((rule) => stopsCatching(rule, liveListener.rules, asked)),
    deleted: asked.deleteAdopted,
  };
}

function refuseWiderRules(rules: readonly ListenerRule[], hosts: readonly string[]): void {
  for (const { arn, priority, conditions } of rules) {
    const other = conditions.find(({ field }) => field !== 'path-pattern' && field !== 'host-header');
    if (other)
      throw new Refusal(
        `Listener rule ${arn} (priority ${priority}) asks for ${other.field} too, which a zone's rules don't: remove that condition before it is adopted.`,
      );
    const host = conditions.find(({ field }) => field === 'host-header')?.values.find((one) => !hosts.includes(one));
    if (host !== undefined)
      throw new Refusal(
        `Listener rule ${arn} (priority ${priority}) is for host ${host}, which the zone doesn't name: add it to the zone's "hosts" before it is adopted.`,
      );
  }
}

/** After the cut every module must be won by a rule of the route, whatever else there is. */
function refuseModulesStillCaught(
  rules: readonly ListenerRule[],
  planned: readonly PlannedRule[],
  { paths, hosts }: { readonly paths: readonly string[]; readonly hosts: readonly string[] },
): void {
  const after = planned.flatMap((rule): ListenerRule[] =>
    rule.after
      ? [{ ...rule.after, forward: [], arn: rule.arn ?? 'new', priority: rule.priority, tags: { planned: '' } }]
      : [],
  );
  const changed = new Set(planned.map(({ arn }) => arn));
  const table = [...rules.filter(({ arn }) => !changed.has(arn)), ...after];
  for (const path of paths) {
    const stranger = winnersOf(table, [path], hosts).find(({ tags }) => tags['planned'] === undefined);
    if (stranger)
      throw new Refusal(
        `${path} would still be caught by listener rule ${stranger.arn} (priority ${stranger.priority}) after the cut: remove or narrow that rule first.`,
      );
  }
}

/** A pattern that is exactly one module, or what is below it, stops catching nothing. */
function stopsCatching(
  { arn, conditions, priority }: ListenerRule,
  rules: readonly ListenerRule[],
  { paths, hosts, others }: Pick<Parameters<typeof planAdoption>[3], 'paths' | 'hosts' | 'others'>,
): string[] {
  const [condition] = conditions.filter(({ field }) => field === 'path-pattern');
  if (!condition) return [`everything that the rule at priority ${priority} catches beside the modules`];
  const exact = new Set(paths.flatMap((path) => [path, `${path}/*`]));
  const one = (pattern: string, kind: 'values' | 'regularExpressions') => {
    const alone = { ...condition, values: [], regularExpressions: [], [kind]: [pattern] };
    // One that a rule before this one catches never came here.
    const known = Object.entries(others).filter(
      ([module]) =>
        !paths.includes(`/${module}`) &&
        winnersOf(rules, [`/${module}`], hosts).some((winner) => winner.arn === arn) &&
        winnersOf([{ ...bare, conditions: [alone] }], [`/${module}`], ['']).length > 0,
    );
    const named = known.map(([module, owner]) => `/${module} of ${owner}`).join(', ');
    return `${pattern} (priority ${priority}), but for the modules themselves${named === '' ? '' : `; among it ${named}`}`;
  };
  return [
    ...condition.values.filter((value) => !exact.has(value)).map((value) => one(value, 'values')),
    ...condition.regularExpressions.map((expression) => one(expression, 'regularExpressions')),
  ];
}

const bare: ListenerRule = {
  arn: '',
  priority: 1,
  conditions: [],
  forward: [],
  otherActions: [],
  transforms: [],
  tags: {},
};
