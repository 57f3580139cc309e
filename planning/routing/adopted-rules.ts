/**
 * Which modules go into which of another tool's rules. A module goes into the rule that has won it so far, or, with all the
 * others, into the first of those rules: either way no module is ever caught by none while rules change one after the other.
 * What doesn't fit gets rules of its own, made before any other changes.
 */
import { byPriority, catches, type ListenerRule } from './listener-rules';
import { fits, fitting, type PathLimits } from './module-packing';

export interface AdoptedPacking {
  readonly packed: readonly { readonly rule: ListenerRule; readonly modules: readonly string[] }[];
  /** Modules that have no place in those rules. */
  readonly left: readonly string[];
}

export interface AdoptedUse {
  /** Whether green has a share before it has all: each rule shares what it catches then, and must stay. */
  readonly shared: boolean;
  /** Whether a module that no adopted rule has won may go into this one. */
  readonly mayJoin: (module: string, rule: ListenerRule) => boolean;
}

export function packIntoAdoptedRules(
  modules: readonly string[],
  adopted: readonly ListenerRule[],
  limits: PathLimits,
  { shared, mayJoin }: AdoptedUse,
): AdoptedPacking {
  const sorted = byPriority(adopted);
  const winners = sorted.filter((rule) => modules.some((module) => winnerOf(sorted, module) === rule));
  const [first] = winners;
  if (!first) return { packed: [], left: modules };
  const joining = modules.filter((module) => winnerOf(sorted, module) !== undefined || mayJoin(module, first));
  if (!shared && fits(joining, limits) && winners.every((rule) => alike(rule, first)))
    return { packed: [{ rule: first, modules: joining }], left: modules.filter((module) => !joining.includes(module)) };
  const packed = winners.map((rule) => ({
    rule,
    modules: fitting(
      modules.filter((module) => winnerOf(sorted, module) === rule),
      limits,
    ),
  }));
  const placed = new Set(packed.flatMap(({ modules: held }) => held));
  return { packed, left: modules.filter((module) => !placed.has(module)) };
}

const winnerOf = (sorted: readonly ListenerRule[], module: string) => sorted.find((rule) => catches(rule, module));

/** Whether two rules differ in their paths only: a login of one must not be the way around another's. */
const alike = (one: ListenerRule, other: ListenerRule) => beside(one) === beside(other);

const beside = ({ conditions, otherActions, transforms }: ListenerRule) =>
  JSON.stringify([conditions.filter(({ field }) => field !== 'path-pattern'), otherActions, transforms]);
