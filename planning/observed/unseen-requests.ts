/**
 * Users whose requests no probe's is like: a rule of others wins them under a condition of its own. They are named before a
 * deployment, and it is refused where the rule leads to what goes away, or where a new rule would be the way around it.
 */
import { tagKeys, targetGroupName, type ApplicationIdentity } from '../names';
import { Refusal } from '../refusal';
import {
  catches,
  sendsTo,
  targetGroupsOf,
  type ListenerRule,
  type ListenerRules,
  type RuleCondition,
} from '../routing/listener-rules';
import { loginActions } from '../routing/logins';
import type { PlannedRule } from '../routing/rule-set';
import { findUnseenRules, type Probe, type RuleOfPath, type UnseenRule } from '../routing/unseen-rules';
import { defaultTargetGroups } from './blue';

/** The live listener's rules, and what is known of the Platform Server. */
export interface UnseenQuestion extends Omit<ListenerRules, 'met'> {
  readonly application: ApplicationIdentity;
  readonly own: readonly RuleOfPath[];
  /** ARNs of rules that the deployment takes over. */
  readonly adopted: readonly string[];
  readonly probe: Probe;
  /** Whether the Platform Server serves the modules until then: its copy is undeployed once they are in containers. */
  readonly leavesPlatformServer: boolean;
}

/** What is to be said of a rule, and what stands in the way of a deployment because of it. */
export interface UnseenFinding {
  readonly rule: ListenerRule;
  /** A sentence. */
  readonly says: string;
  /** What to do before a deployment; `null` where none is refused. */
  readonly next: string | null;
}

/** One finding a rule, by priority; those for other hosts that lead elsewhere are other people's business. */
export function findUnseenRequests(question: UnseenQuestion): UnseenFinding[] {
  return findUnseenRules(question.rules, question).flatMap((unseen) => {
    const next = wayOut(unseen, question);
    const unknown =
      question.leavesPlatformServer && isStillReached(unseen, question) ? unknownOf(unseen, question) : '';
    if (next === null && unknown === '' && isForOtherHosts(unseen)) return [];
    return [{ rule: unseen.rule, says: `${describe(unseen, question)}${unknown}`, next }];
  });
}

/**
 * What to know of such rules before a deployment, a sentence a rule.
 * @throws {Refusal} when one of them leads to what goes away, or guards what a new rule would open
 */
export function tellUnseenRequests(question: UnseenQuestion): string[] {
  const found = findUnseenRequests(question);
  const refused = found.find(({ next }) => next !== null);
  if (refused) throw new Refusal(`${refused.says}. ${refused.next}`);
  return found.map(({ says }) => `${says}.`);
}

/** Where each of the modules is to be asked for, and the rule that is to hold it. */
export const rulesOfPaths = (planned: readonly PlannedRule[], paths: readonly string[]): RuleOfPath[] =>
  paths.flatMap((path) => {
    const holding = planned.find(({ after }) => after !== null && catches(asRule(after), path.slice(1)));
    if (!holding) return [];
    const { found, after, priority } = holding;
    const isThere = found !== null && catches(asRule(found), path.slice(1));
    return [{ path, priority, isThere, login: after === null ? [] : loginActions(after) }];
  });

const asRule = (state: Pick<ListenerRule, 'conditions' | 'otherActions' | 'transforms'>): ListenerRule => ({
  ...state,
  forward: [],
  arn: '',
  priority: 1,
  tags: {},
});

function wayOut(unseen: UnseenRule, question: UnseenQuestion): string | null {
  const { leavesPlatformServer } = question;
  const { rule, isFirst, guards } = unseen;
  if (rule.tags[tagKeys.key] !== undefined) return null;
  if (leavesPlatformServer && forwards(rule)) {
    if (isStillReached(unseen, question)) {
      if (leadsToPlatformServer(rule, question)) return leftWithNothing(unseen, question);
      if (leadsToSameFrontEnds(rule, question)) return leftWithNothing(unseen, question, 'Its servers are');
    }
    if (guards && !isForOtherHosts(unseen) && !isBelow(unseen)) return wayAround(unseen, question);
  }
  const lost = isFirst ? null : whatIsLost(unseen, question);
  return lost === null ? null : `${lost} Give that rule a priority before the zone's "priorities", or remove it.`;
}

/** Whether the rule wins those requests after the move too: it is looked at first, or the zone's rules are for other hosts. */
const isStillReached = (unseen: UnseenRule, { probe }: UnseenQuestion) =>
  unseen.isFirst || (probe.onlyHosts === true && isForOtherHosts(unseen));

function leftWithNothing(unseen: UnseenRule, { application: { name }, probe }: UnseenQuestion, what = 'That is') {
  const byHost = probe.onlyHosts === true && isForOtherHosts(unseen);
  const otherwise = byHost
    ? `have its hosts among the zone's "hosts"`
    : `give it a priority behind the zone's "priorities"`;
  return `${what} the Platform Server, whose copy of ${name} is undeployed after the move, and those users would be left with nothing. Remove or narrow that rule first, or ${otherwise}.`;
}

/** A clause, where a rule leads to servers of which nobody can say whose they are. */
export const unknownOf = ({ rule }: Pick<UnseenRule, 'rule'>, { unknownFrontEnds = [] }: Partial<UnseenQuestion>) =>
  unknownFrontEnds.some((group) => sendsTo(rule, group))
    ? '; whether its servers are the Platform Server could not be told, for one of the two target groups has instances and the other addresses, and EC2 did not say whose (ec2:DescribeInstances)'
    : '';

const wayAround = ({ isFirst }: UnseenRule, { application: { name } }: UnseenQuestion) =>
  isFirst
    ? `Without that the load balancer forwards nothing, so those users would not reach the containers, and would be left with nothing once the Platform Server's copy of ${name} is undeployed. Let the listener's default rule forward to the Platform Server and remove that condition first, or guard the load balancer by its security group or AWS WAF.`
    : `Without that the load balancer forwards nothing, and the rule that ${name} needs would be the way around it. Guard the load balancer by its security group or AWS WAF instead, and let the listener's default rule forward first.`;

/** What users of a rule miss once the application's own, new one stands before it; `null` where they miss nothing. */
function whatIsLost(unseen: UnseenRule, question: UnseenQuestion): string | null {
  const { rule, asksMore } = unseen;
  // Those of other hosts: precedence.ts.
  if (isForOtherHosts(unseen)) return null;
  if (asksMore) return 'Nobody would be asked for the login there any more.';
  if (!forwards(rule)) return 'What it answers now would be answered by the containers.';
  return leadsToPlatformServer(rule, question) ? null : 'What it leads to would get none of those requests any more.';
}

const leadsToPlatformServer = (rule: ListenerRule, { rules, platformServer }: UnseenQuestion) =>
  defaultTargetGroups({ rules, platformServer }).some((group) => sendsTo(rule, group));

const leadsToSameFrontEnds = (rule: ListenerRule, { sameFrontEnds = [] }: UnseenQuestion) =>
  sameFrontEnds.some((group) => sendsTo(rule, group));

const forwards = ({ forward }: ListenerRule) => forward.some(({ weight }) => weight > 0);
const isForOtherHosts = ({ unmet }: UnseenRule) => unmet.some(({ field }) => field === 'host-header');
const isBelow = ({ unmet }: UnseenRule) => unmet.some(({ field }) => field === 'path-pattern');

function describe(unseen: UnseenRule, question: UnseenQuestion): string {
  const { rule, paths, unmet } = unseen;
  const name = `Listener rule ${rule.arn} (priority ${rule.priority})`;
  const what = `requests for ${paths.join(', ')} with ${unmet.map(describeCondition).join(' and ')}`;
  return isStillReached(unseen, question)
    ? `${name} wins ${what}, which no probe sees, and ${describeAction(rule)}`
    : `${name}, which ${describeAction(rule)}, would no longer win ${what}, which no probe sees`;
}

/** Values of headers and query strings may be secrets. */
export function describeCondition({ field, header, values, regularExpressions }: RuleCondition): string {
  if (header !== undefined) return `${field} ${header}`;
  const shown = field === 'query-string' ? values.map((value) => value.split('=')[0] ?? '') : values;
  return `${field} ${[...shown, ...regularExpressions].join(' or ')}`;
}

function describeAction({ forward, otherActions }: ListenerRule): string {
  const groups = targetGroupsOf({ forward }).map(targetGroupName);
  if (groups.length > 0) return `sends them to ${groups.join(' and ')}`;
  return `answers them with ${otherActions.map(({ Type }) => Type).join(' and ') || 'nothing'}`;
}
