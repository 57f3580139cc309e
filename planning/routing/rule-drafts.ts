/**
 * Which rules a route needs, and which modules go into each: the rules that it has already, another tool's that it adopts, and
 * new ones for the rest. A module that is published under another path has a rule of its own, because that rule rewrites.
 */
import { packIntoAdoptedRules } from './adopted-rules';
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
  /** Where modules are published that aren't under their own name, e.g. `{Orders: '/shop'}`. */
  readonly paths: Readonly<Record<string, string>>;
  readonly sticky: boolean;
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
}

/** @param existing the application's own rules of this route, by their index */
export function draftRules(request: RouteRequest, existing: readonly ListenerRule[]): RuleDraft[] {
  const published = request.modules.filter((module) => request.paths[module] !== undefined);
  const plain = request.modules.filter((module) => !published.includes(module));
  const rewriting = existing.filter((rule) => moduleOf(rule) !== undefined);
  return [
    ...draftPlainRules(
      request,
      existing.filter((rule) => !rewriting.includes(rule)),
      plain,
    ),
    ...draftRewritingRules(rewriting, published),
  ];
}

const moduleOf = ({ tags }: ListenerRule) => tags[tagKeys.module];

function draftPlainRules(
  request: RouteRequest,
  existing: readonly ListenerRule[],
  modules: readonly string[],
): RuleDraft[] {
  const limits = limitsOf(request);
  const intoAdopted = packIntoAdoptedRules(modules, request.adopted ?? [], limits, request.shared ?? false);
  const held = existing.map((rule) => modules.filter((module) => catches(rule, module)));
  const intoOwn = packModules(intoAdopted.left, held, limits);
  return [
    ...intoOwn.map((packed, at) => ({ rule: existing[at], modules: packed, module: null })),
    ...intoAdopted.packed.map((packed) => ({ ...packed, module: null })),
  ];
}

function draftRewritingRules(existing: readonly ListenerRule[], published: readonly string[]): RuleDraft[] {
  const needless = existing.filter((rule) => !published.includes(moduleOf(rule) ?? ''));
  return [
    ...published.map((module) => ({
      rule: existing.find((rule) => moduleOf(rule) === module),
      modules: [module],
      module,
    })),
    ...needless.map((rule) => ({ rule, modules: [], module: moduleOf(rule) ?? null })),
  ];
}

/** What is left to paths of what a rule of this route may hold. */
export const limitsOf = ({ limits, conditions }: RouteRequest): PathLimits => ({
  ...limits,
  valuesTaken: conditions.flatMap(({ values, regularExpressions }) => [...values, ...regularExpressions]).length,
});
