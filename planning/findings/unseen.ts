/** Rules of others that win requests for modules which no probe sees. */
import { finding, type Finding } from '../doctor';
import { findUnseenRequests, type UnseenFinding } from '../observed/unseen-requests';
import { catches, winnersOf, type ListenerRule } from '../routing/listener-rules';
import { loginActions } from '../routing/logins';
import { freePriorities } from '../routing/priorities';
import { routeRules, type PriorityRange } from '../routing/rule-set';
import type { Probe, RuleOfPath } from '../routing/unseen-rules';
import type { KnownModules } from './clashes';

export interface UnseenZone {
  readonly platformServer?: string | undefined;
  readonly sameFrontEnds?: readonly string[] | undefined;
  readonly unknownFrontEnds?: readonly string[] | undefined;
  readonly probe: Probe;
  readonly priorities: PriorityRange;
}

/** One finding a rule, however many applications it concerns; an error where it stands in the way of a deployment. */
export function findUnseen(
  rules: readonly ListenerRule[],
  applications: readonly KnownModules[],
  zone: UnseenZone,
): Finding[] {
  const found = applications.flatMap((known) =>
    unseenOf(rules, known, zone).map((unseen) => ({ ...unseen, application: known.identity.name })),
  );
  const arns = new Set(found.map(({ rule }) => rule.arn));
  return [...arns].flatMap((arn) => {
    const ofRule = found.filter(({ rule }) => rule.arn === arn);
    const first = ofRule.find(({ next }) => next !== null) ?? ofRule[0];
    return first ? [report(first, ofRule.length - 1)] : [];
  });
}

function report({ says, next, application }: UnseenFinding & { readonly application: string }, others: number) {
  const more = others > 0 ? ` The same holds for ${others} other applications.` : '';
  return finding({
    check: 'listener rules',
    state: next === null ? 'ok' : 'error',
    says: `${says}.${more}`,
    next: next && `${next} Until then the move of ${application} is refused.`,
    application,
  });
}

function unseenOf(rules: readonly ListenerRule[], { identity, modules }: KnownModules, zone: UnseenZone) {
  const live = routeRules(rules, identity, 'live');
  // Without any the first publish tells the modules: a rule that takes every path takes theirs.
  const paths = modules.length > 0 ? modules.map((module) => `/${module}`) : ['/<Module>'];
  const own = paths.map((path): RuleOfPath => {
    const rule = live.find((one) => modules.length === 0 || catches(one, path.slice(1)));
    const [free = zone.priorities.to] = freePriorities(rules, zone.priorities, 'live');
    // A new rule inherits the login of the one that wins the path now.
    const login = winnersOf(rules, [path], zone.probe.hosts).flatMap(loginActions);
    return { path, priority: rule ? Number(rule.priority) : free, isThere: rule !== undefined, login };
  });
  const { probe, platformServer, sameFrontEnds, unknownFrontEnds } = zone;
  return findUnseenRequests({
    application: identity,
    rules,
    own,
    adopted: [],
    probe,
    platformServer,
    sameFrontEnds,
    unknownFrontEnds,
    leavesPlatformServer: live.length === 0,
  });
}
