/**
 * Packs an application's modules into as few listener rules as can be.
 *
 * The ALB takes up to 3 match evaluations and 5 values a rule, and regular expressions of up to 128 characters, so one rule
 * holds about twenty modules. A module that a rule already holds stays in that rule: moving it to another would leave it,
 * between two calls, in neither.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import type { RuleCondition } from './listener-rules';

export type PathMatching = 'regex' | 'wildcard';

export interface PathLimits {
  readonly pathMatching: PathMatching;
  /** Asks the ALB for `(?i)`, because IIS paths aren't case-sensitive. */
  readonly caseInsensitive: boolean;
  /** Values that the rule's other conditions (hosts, header) use of its 5. */
  readonly valuesTaken: number;
}

const maximumExpressionLength = 128;
const maximumEvaluations = 3;
const maximumValues = 5;

/**
 * The modules of each rule, in the order of the rules.
 * @param previous the modules of each existing rule; its length is the number of existing rules
 * @param mayJoin whether a module may go into the rule at this index, which holds these already
 */
export function packModules(
  modules: readonly string[],
  previous: readonly (readonly string[])[],
  limits: PathLimits,
  mayJoin: (module: string, held: readonly string[], at: number) => boolean = () => true,
): string[][] {
  const wanted = new Set(modules);
  const packed = previous.map((held) => held.filter((module) => wanted.has(module)));
  const settled = new Set(packed.flat());
  for (const module of [...wanted].filter((name) => !settled.has(name)).toSorted()) {
    const room = packed.find((held, at) => mayJoin(module, held, at) && fits([...held, module], limits));
    if (room) room.push(module);
    else packed.push([module]);
  }
  return packed;
}

/** Whether one rule can hold these modules. */
export const fits = (modules: readonly string[], limits: PathLimits) => {
  const { values, regularExpressions } = pathCondition(modules, limits);
  const longest = Math.max(0, ...[...values, ...regularExpressions].map(({ length }) => length));
  return values.length + regularExpressions.length <= evaluations(limits) && longest <= maximumExpressionLength;
};

const evaluations = ({ valuesTaken }: PathLimits) => Math.min(maximumEvaluations, maximumValues - valuesTaken);

/** The condition that catches exactly these modules: `/Orders` and all below it, never `/OrdersAdmin`. */
export function pathCondition(modules: readonly string[], limits: PathLimits): RuleCondition {
  const sorted = modules.toSorted();
  return limits.pathMatching === 'wildcard'
    ? { field: 'path-pattern', values: sorted.flatMap((name) => [`/${name}`, `/${name}/*`]), regularExpressions: [] }
    : { field: 'path-pattern', values: [], regularExpressions: expressions(sorted, limits) };
}

function expressions(modules: readonly string[], limits: PathLimits): string[] {
  const groups: string[][] = [];
  for (const module of modules) {
    const last = groups.at(-1);
    if (last && expression([...last, module], limits).length <= maximumExpressionLength) last.push(module);
    else groups.push([module]);
  }
  return groups.map((group) => expression(group, limits));
}

const expression = (modules: readonly string[], { caseInsensitive }: PathLimits) =>
  `${caseInsensitive ? '(?i)' : ''}^/(${modules.map(escaped).join('|')})(/.*)?$`;

const escaped = (module: string) =>
  module.replace(/[.~-]/g, (character) => (character === '.' ? String.raw`\.` : character));
