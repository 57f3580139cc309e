/**
 * Which rules a route needs, and which modules go into each: the rules that it has already, another tool's that it adopts, and
 * new ones for the rest. A module that is published under another path has a rule of its own, because that rule rewrites.
 */
import { packIntoAdoptedRules } from './adopted-rules';
import { loginActions, loginOf, needsSecret, noLogin, sameLogin, type Login } from './logins';
import { catches, type ListenerRule, type RuleCondition } from './listener-rules';
import { packModules, type PathLimits } from './module-packing';
import type { PriorityRange, RouteKind } from './rule-set';
import { tagKeys, type ApplicationIdentity } from '../names';

export interface RouteRequest {
  readonly kind: RouteKind;
  readonly listenerArn: string;
  /** Every rule of the listener, the default one included. */
  readonly listenerRules: readonly ListenerRule[];
  readonly application: ApplicationIdentity;
  readonly modules: readonly string[];
  /** The hosts that requests for the zone bear. */
  readonly hosts: readonly string[];
  /** Where modules are published that aren't under their own name, e.g. `{Orders: '/shop'}`. */
  readonly paths: Readonly<Record<string, string>>;
  readonly sticky: boolean;
  /** What the settings want on every new rule. Default: nothing. */
  readonly tags?: Readonly<Record<string, string>>;
  /** Host and header conditions, beside the path. */
  readonly conditions: readonly RuleCondition[];
  readonly limits: Omit<PathLimits, 'valuesTaken'>;
  readonly priorities: PriorityRange;
  /** Where a rollback of an existing rule leads; `null` when blue is what the default rule serves. */
  readonly blueTargetGroupArn: string | null;
  /** Rules of another tool that the cut changes in place. */
  readonly adopted?: readonly ListenerRule[];
  /** Whether green has a share of traffic before it has all. */
  readonly shared?: boolean;
}

/** A rule to be: the one that it is now, if any, and the modules that it is to catch. Without modules it goes. */
export interface RuleDraft {
  readonly rule: ListenerRule | undefined;
  readonly modules: readonly string[];
  /** The module that it rewrites to; `null` for a rule of modules under their own names. */
  readonly module: string | null;
  /** What a new rule asks of its clients; a rule that is there keeps what it asks for. */
  readonly login: Login;
}

/** @param existing the application's own rules of this route, by their index */
export function draftRules(request: RouteRequest, existing: readonly ListenerRule[]): RuleDraft[] {
  const logins = loginsFor(request, existing);
  const published = request.modules.filter((module) => request.paths[module] !== undefined);
  const plain = request.modules.filter((module) => !published.includes(module));
  const rewriting = existing.filter((rule) => moduleOf(rule) !== undefined);
  return [
    ...draftPlainRules(
      request,
      existing.filter((rule) => !rewriting.includes(rule)),
      plain,
      logins,
    ),
    ...draftRewritingRules(rewriting, published, logins),
  ];
}

const moduleOf = ({ tags }: ListenerRule) => tags[tagKeys.module];

function draftPlainRules(
  request: RouteRequest,
  existing: readonly ListenerRule[],
  modules: readonly string[],
  loginFor: LoginFor,
): RuleDraft[] {
  const limits = limitsOf(request);
  const asksAs = (module: string, rule: ListenerRule) => sameLogin(loginFor(module).actions, loginActions(rule));
  const intoAdopted = packIntoAdoptedRules(modules, request.adopted ?? [], limits, {
    shared: request.shared ?? false,
    mayJoin: asksAs,
  });
  const held = existing.map((rule) => modules.filter((module) => catches(rule, module)));
  const intoOwn = packModules(intoAdopted.left, held, limits, {
    mayJoin: (module, [first = module], at) => {
      const rule = existing[at];
      if (request.kind === 'test') return true;
      return rule ? asksAs(module, rule) : sameLogin(loginFor(module).actions, loginFor(first).actions);
    },
    // A new rule would need a secret that can't be read.
    mayLeave: (at) => !existing[at]?.otherActions.some(needsSecret),
  });
  return [
    ...intoOwn.map((packed, at) => ({
      rule: existing[at],
      modules: packed,
      module: null,
      login: packed[0] === undefined ? noLogin : loginFor(packed[0]),
    })),
    ...intoAdopted.packed.map((packed) => ({ ...packed, module: null, login: noLogin })),
  ];
}

type LoginFor = (module: string) => Login;

function loginsFor(request: RouteRequest, existing: readonly ListenerRule[]): LoginFor {
  const known = new Map(request.modules.map((module) => [module, loginOf(module, request, existing)]));
  return (module) => known.get(module) ?? noLogin;
}

function draftRewritingRules(
  existing: readonly ListenerRule[],
  published: readonly string[],
  login: LoginFor,
): RuleDraft[] {
  const needless = existing.filter((rule) => !published.includes(moduleOf(rule) ?? ''));
  return [
    ...published.map((module) => ({
      rule: existing.find((rule) => moduleOf(rule) === module),
      modules: [module],
      module,
      login: login(module),
    })),
    ...needless.map((rule) => ({ rule, modules: [], module: moduleOf(rule) ?? null, login: noLogin })),
  ];
}

/** What is left to paths of what a rule of this route may hold. */
export const limitsOf = ({ limits, conditions }: RouteRequest): PathLimits => ({
  ...limits,
  valuesTaken: conditions.flatMap(({ values, regularExpressions }) => [...values, ...regularExpressions]).length,
});
