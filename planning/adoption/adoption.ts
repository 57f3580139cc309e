/**
 * Adopting: what another tool put before and behind an application becomes blue at its first deployment.
 *
 * - The cut changes their rules in place: a rule keeps its ARN and its priority, and is put back exactly as it was found by a
 *   rollback. Rules that the cut needs no more stay as they are until the bake is over.
 * - Only rules that nobody else's deployment owns are adopted, and all that forward to the adopted target group are, for it
 *   goes to zero at the end.
 * - They are marked before anything else, so that the next deployment after a Terminate finds them again.
 */
import { seenBy, stateOf, winnersOf, type ListenerRule, type RuleState } from '../routing/listener-rules';
import { applicationTags, tagKeys, type ApplicationIdentity } from '../names';
import { marked } from './foreign-route';
import type { Observed, ObservedForeign } from '../observed/observed';
import { Refusal } from '../refusal';
import type { PlannedRule } from '../routing/rule-set';

export interface AdoptedRule {
  readonly arn: string;
  readonly priority: number;
  readonly found: RuleState;
  /** The index that it takes in the live route; `null` for a rule that goes. */
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

export interface AdoptionRequest {
  /** Where the application's modules are asked for, e.g. `/Orders`. */
  readonly paths: readonly string[];
  readonly hosts: readonly string[];
  readonly deleteAdopted: boolean;
  /** Modules of other applications, with their application's name. */
  readonly others: Readonly<Record<string, string>>;
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
  asked: AdoptionRequest,
): Adoption {
  const { route, service, targetGroupArn } = foreign;
  const rules = seenBy(liveListener.rules, liveListener.met);
  refuseWiderRules(seenBy(route.rules, liveListener.met), asked.hosts);
  refuseModulesStillCaught(
    rules,
    planned.map((rule) => ({ ...rule, after: rule.after && (seenBy([rule.after], liveListener.met)[0] ?? null) })),
    asked,
  );
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
    stopsCatching: route.rules.flatMap((rule) => stopsCatching(rule, rules, asked)),
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
  { paths, hosts }: Pick<AdoptionRequest, 'paths' | 'hosts'>,
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
  { paths, hosts, others }: AdoptionRequest,
): string[] {
  const [condition] = conditions.filter(({ field }) => field === 'path-pattern');
  if (!condition) return [`everything that the rule at priority ${priority} catches beside the modules`];
  const exact = new Set(paths.flatMap((path) => [path, `${path}/*`]));
  const one = (pattern: string, kind: 'values' | 'regularExpressions') => {
    const alone = { ...condition, values: [], regularExpressions: [], [kind]: [pattern] };
    // A module that a rule before this one catches never came here.
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
