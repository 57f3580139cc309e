/**
 * Logins that a load balancer asks for before it forwards. A rule that a deployment makes wins requests from the rule that won
 * them before, mostly the listener's default one: it inherits that rule's login, or the deployment would be the way around it.
 */
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { isDeepStrictEqual } from 'node:util';
import { byPriority, catches, seenBy, winnersOf, type ListenerRule, type RuleCondition } from './listener-rules';
import { Refusal } from '../refusal';
import type { RouteKind } from './rule-set';

/** What a rule asks of its clients before it forwards, and which rule asks for it now. */
export interface Login {
  /** As AWS has them; empty where nothing is asked for. */
  readonly actions: readonly Action[];
  /** `null` where nothing is asked for. */
  readonly from: ListenerRule | null;
}

/** A route, as logins are found for it. */
export interface LoginRequest {
  readonly kind: RouteKind;
  /** Every rule of the listener, the default one included. */
  readonly listenerRules: readonly ListenerRule[];
  readonly modules: readonly string[];
  readonly paths: Readonly<Record<string, string>>;
  readonly hosts: readonly string[];
  /** What the route's rules ask for beside the path. */
  readonly conditions: readonly RuleCondition[];
  readonly adopted?: readonly ListenerRule[];
}

/** A rule to be, with its modules and what it asks for where it is new. */
export interface DraftedLogin {
  readonly rule: ListenerRule | undefined;
  readonly modules: readonly string[];
  readonly login: Login;
}

export const noLogin: Login = { actions: [], from: null };

/** The actions of a rule that let only known clients through. */
export const loginActions = ({ otherActions }: Pick<ListenerRule, 'otherActions'>): readonly Action[] =>
  otherActions.filter(({ Type }) => Type?.startsWith('authenticate-') || Type === 'jwt-validation');

/** Whether two rules ask for the same, however their actions are numbered. */
export const sameLogin = (one: readonly Action[], other: readonly Action[]): boolean =>
  isDeepStrictEqual(inOrder(one), inOrder(other));

const inOrder = (actions: readonly Action[]) =>
  actions.toSorted((one, other) => (one.Order ?? 0) - (other.Order ?? 0)).map((action) => ({ ...action, Order: 0 }));

/**
 * The login of a module that a new rule is to hold: that of the rule that wins the module's requests now, else that of the
 * application's first rule. A test route has none, for probes can't pass it.
 * @param existing the application's own rules of this route, by their index
 */
export function loginOf(module: string, request: LoginRequest, existing: readonly ListenerRule[]): Login {
  if (request.kind === 'test') return noLogin;
  const first = existing[0] ?? firstAdopted(request);
  const asking = [...winnersFor(module, request), ...(first ? [first] : [])].find(asksForLogin);
  return asking ? { actions: loginActions(asking), from: asking } : noLogin;
}

const asksForLogin = (rule: ListenerRule) => loginActions(rule).length > 0;

/** The first of another tool's rules that hold a module of the release. */
const firstAdopted = ({ adopted = [], modules }: LoginRequest) =>
  byPriority(adopted).find((rule) => modules.some((module) => catches(rule, module)));

const winnersFor = (module: string, { listenerRules, paths, hosts, conditions }: LoginRequest) =>
  winnersOf(
    seenBy(
      listenerRules,
      conditions.filter(({ field }) => field !== 'host-header'),
    ),
    [paths[module] ?? `/${module}`],
    hosts,
  );

/** @throws {Refusal} when a module would be asked for another login than now, or for none */
export function refuseLostLogins(drafts: readonly DraftedLogin[], request: LoginRequest): void {
  if (request.kind === 'test') return;
  for (const { rule, modules, login } of drafts) {
    const actions = rule ? loginActions(rule) : login.actions;
    for (const module of modules) {
      const lost = winnersFor(module, request).find(
        (winner) => asksForLogin(winner) && !sameLogin(loginActions(winner), actions),
      );
      if (lost)
        throw new Refusal(
          `${request.paths[module] ?? `/${module}`} is behind a login that ${formatRuleName(lost)} asks for, and would no longer be, because ${rule ? `listener rule ${rule.arn} (priority ${rule.priority})` : 'the rule'} that is to hold it asks for ${actions.length > 0 ? 'another' : 'none'}: give both rules the same login first.`,
        );
    }
  }
}

/** Whether a new rule with this action needs a client secret. */
export const needsSecret = ({ Type }: Action): boolean => Type === 'authenticate-oidc';

/**
 * The client secret of a rule's login can't be read from AWS, which wants it for a new rule. A login by Cognito has none.
 * @throws {Refusal} when a new rule would need one
 */
export function refuseUnknownSecret({ actions, from }: Login, modules: readonly string[], owned: boolean): void {
  if (!actions.some(needsSecret)) return;
  const asking = owned || from === null ? "the application's other rules ask for" : `${formatRuleName(from)} asks for`;
  throw new Refusal(
    `A new listener rule is needed for ${modules.join(', ')}, behind the login by OpenID Connect that ${asking}; its client secret can't be read from AWS. Take the login off until after the deployment and put it on the new rule too then, or let Amazon Cognito ask for it.`,
  );
}

/** A rule as people find it in the console. */
export const formatRuleName = ({ arn, priority }: Pick<ListenerRule, 'arn' | 'priority'>): string =>
  priority === 'default' ? "the listener's default rule" : `listener rule ${arn} (priority ${priority})`;
