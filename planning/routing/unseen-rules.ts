/**
 * Rules of others that win a part of a module's requests under a condition that no probe meets: a header, a query string, the
 * client's address, another host, another method than GET, a path below the module's, or in another case than it is written in.
 * Whatever the probes prove says nothing about those requests.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  byPriority,
  matchesAny,
  isMetBy,
  seenBy,
  winningRule,
  type ListenerRule,
  type RuleCondition,
} from './listener-rules';
import { loginActions, sameLogin } from './logins';
import { belongsTo, type ApplicationIdentity } from '../names';

/** What every probe's request bears. */
export interface Probe {
  /** The hosts that requests for the zone bear. */
  readonly hosts: readonly string[];
  /** Conditions that all live rules of the zone have, and that its probes meet. Default: none. */
  readonly conditions?: readonly RuleCondition[];
  /** Whether the zone's rules ask for those hosts, so that users of others don't come to them. Default: no. */
  readonly onlyHosts?: boolean;
  /** Whether the zone's rules take paths in any case, so that users may ask in another one than probes. Default: no. */
  readonly anyCase?: boolean;
}

/** A rule of others, and what of a module's requests it takes. */
export interface UnseenRule {
  readonly rule: ListenerRule;
  /** Where the modules are asked for of whose requests it can win some, e.g. `/Orders`. */
  readonly paths: readonly string[];
  /** What a request must bear, and no probe's does. */
  readonly unmet: readonly RuleCondition[];
  /** Whether it is looked at before the application's rule; behind a new one it loses those requests. */
  readonly isFirst: boolean;
  /**
   * Whether it lets requests through that the same path refuses without its condition: the rule that wins a probe's request now
   * doesn't forward, and a new rule of the application is to win it.
   */
  readonly guards: boolean;
  /** Whether it asks for a login that the application's rule, which is to win those requests, doesn't ask for. */
  readonly asksMore: boolean;
}

/** The rule of the application that a path is to have. */
export interface RuleOfPath {
  readonly path: string;
  readonly priority: number;
  /** Whether the application's rules catch the path now already. */
  readonly isThere: boolean;
  /** The login that it is to ask for. Default: none. */
  readonly login?: readonly Action[];
}

export interface UnseenRequest {
  readonly application: ApplicationIdentity;
  readonly own: readonly RuleOfPath[];
  /** ARNs of rules that the deployment takes over. */
  readonly adopted: readonly string[];
  readonly probe: Probe;
}

/** By priority; rules that win a probe's request too are not among them, for they are seen. */
export function findUnseenRules(
  rules: readonly ListenerRule[],
  { application, own, adopted, probe }: UnseenRequest,
): UnseenRule[] {
  const others = byPriority(rules).filter(
    ({ arn, priority, tags }) => priority !== 'default' && !belongsTo(tags, application) && !adopted.includes(arn),
  );
  return others.flatMap((rule) => {
    const taken = own.flatMap((one) => takes(rule, one, probe) ?? []);
    return [true, false].flatMap((isFirst): UnseenRule[] => {
      const paths = taken.filter((one) => one.isFirst === isFirst);
      const [first] = paths;
      if (!first) return [];
      const guards = paths.some(({ path, isThere }) => !isThere && isRefused(rules, path, probe));
      const asksMore = !isFirst && paths.some(({ login = [] }) => asks(rule) && !sameLogin(loginActions(rule), login));
      return [{ rule, paths: paths.map(({ path }) => path), unmet: first.unmet, isFirst, guards, asksMore }];
    });
  });
}

function takes(rule: ListenerRule, own: RuleOfPath, probe: Probe) {
  const isFirst = Number(rule.priority) < own.priority;
  if (!isFirst && own.isThere) return undefined;
  const unmet = unmetBy(rule, own.path, probe);
  return unmet === undefined || unmet.length === 0 ? undefined : { ...own, isFirst, unmet };
}

/** What a request for a path, or below it, must bear beside what probes do for a rule to hold; `undefined` where none can. */
export function unmetBy(rule: ListenerRule, path: string, probe: Probe): RuleCondition[] | undefined {
  const paths = rule.conditions.filter(({ field }) => field === 'path-pattern');
  const flags = probe.anyCase === true ? 'i' : '';
  if (!paths.every((condition) => catchesPath(condition, path, flags) || catchesBelow(condition, path, flags)))
    return undefined;
  return rule.conditions.filter((condition) =>
    condition.field === 'path-pattern' ? !catchesPath(condition, path, '') : !isMet(condition, probe),
  );
}

const asks = (rule: ListenerRule) => loginActions(rule).length > 0;

/** Whether what a probe asks for is answered by the load balancer itself now. */
const isRefused = (rules: readonly ListenerRule[], path: string, { hosts, conditions }: Probe) =>
  hosts.some((host) => {
    const winner = winningRule(seenBy(rules, conditions), { host: exampleOf(host), path: `${path}/` });
    return winner !== undefined && !winner.forward.some(({ weight }) => weight > 0);
  });

function isMet(condition: RuleCondition, { hosts, conditions = [] }: Probe): boolean {
  if (condition.field === 'host-header') return hosts.some((host) => matchesAny(condition, exampleOf(host), 'i'));
  if (condition.field === 'http-request-method' && condition.values.includes('GET')) return true;
  return isMetBy(condition, conditions);
}

const exampleOf = (host: string) => host.replace(/[*?]/g, 'x');

const catchesPath = (condition: RuleCondition, path: string, flags: '' | 'i') =>
  [path, `${path}/`].some((one) => matchesAny(condition, one, flags));

/** Whether there is a path below that one which it catches. */
function catchesBelow(condition: RuleCondition, path: string, flags: '' | 'i'): boolean {
  const cased = (text: string) => (flags === 'i' ? text.toLowerCase() : text);
  const begun = { ...condition, values: [], regularExpressions: condition.regularExpressions.map(ofBeginnings) };
  return (
    condition.values.some((pattern) => canBegin(cased(pattern), cased(`${path}/`))) ||
    matchesAny(begun, `${path}/`, flags)
  );
}

/** The expression that matches whatever can go on to a match of this one: each of its characters may be beyond the end. */
const ofBeginnings = (expression: string): string =>
  expression.replace(/^\(\?i\)|\(\?[:=!]|\\[bB]|[()|^$*+?]|\{\d+,?\d*\}|\\.|\[(?:\\.|[^\]\\])*\]|./gs, (token) =>
    /^(\(|\\[bB]|[)|^$*+?]|\{\d)/.test(token) ? token : `(?:${token}|$)`,
  );

/** Whether some text that begins with `beginning` matches a wildcard pattern. */
function canBegin(pattern: string, beginning: string): boolean {
  if (beginning === '') return true;
  if (pattern.startsWith('*')) return canBegin(pattern.slice(1), beginning) || canBegin(pattern, beginning.slice(1));
  const isSame = pattern !== '' && (pattern.startsWith('?') || pattern[0] === beginning[0]);
  return isSame && canBegin(pattern.slice(1), beginning.slice(1));
}
