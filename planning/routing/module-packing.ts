/**
 * Packs an application's modules into as few listener rules as can be.
 *
 * The ALB takes up to 3 match evaluations and 5 values a rule, and regular expressions of up to 128 characters, so one rule
 * holds about twenty modules; about seven where each letter is a class of two, such as `[Oo]`. A module that a rule already holds
 * stays in that rule as long as it fits; only what no longer does, because the settings ask for classes now, moves to others.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import type { RuleCondition } from './listener-rules';

export type PathMatching = 'regex' | 'wildcard';

/**
 * How paths are taken in any case, as IIS takes them: by a class for each letter, such as `[Oo]`, or by asking the ALB for `(?i)`,
 * of which nothing says that it is supported. `false`: only as written.
 */
export type CaseMatching = boolean | 'classes';

export interface PathLimits {
  readonly pathMatching: PathMatching;
  readonly caseInsensitive: CaseMatching;
  /** Values that the rule's other conditions (hosts, header) use of its 5. */
  readonly valuesTaken: number;
}

const maximumExpressionLength = 128;
const maximumEvaluations = 3;
const maximumValues = 5;

export interface RuleUse {
  /** Whether a module may go into the rule at this index, which holds these already. Default: yes. */
  readonly mayJoin?: (module: string, held: readonly string[], at: number) => boolean;
  /** Whether modules may leave the existing rule at this index for a new one. Default: yes. */
  readonly mayLeave?: (at: number) => boolean;
}

/**
 * The modules of each rule, in the order of the rules.
 * @param previous the modules of each existing rule; its length is the number of existing rules
 */
export function packModules(
  modules: readonly string[],
  previous: readonly (readonly string[])[],
  limits: PathLimits,
  { mayJoin = () => true, mayLeave = () => true }: RuleUse = {},
): string[][] {
  const wanted = new Set(modules);
  const packed = previous.map((held, at) => {
    const kept = held.filter((module) => wanted.has(module));
    return limits.caseInsensitive === 'classes' && mayLeave(at) ? fitting(kept, limits) : kept;
  });
  const settled = new Set(packed.flat());
  for (const module of [...wanted].filter((name) => !settled.has(name)).toSorted()) {
    const room = packed.find((held, at) => mayJoin(module, held, at) && fits([...held, module], limits));
    if (room) room.push(module);
    else packed.push([module]);
  }
  return packed;
}

/** As many of the modules, from the first on, as one rule holds. */
export const fitting = (modules: readonly string[], limits: PathLimits): string[] =>
  modules.reduce<string[]>((held, module) => (fits([...held, module], limits) ? [...held, module] : held), []);

/** Whether one rule can hold these modules, each as the limits ask for. */
export const fits = (modules: readonly string[], limits: PathLimits) => {
  const written = limits.pathMatching === 'wildcard' ? wildcards(modules) : expressions(modules.toSorted(), limits);
  const longest = Math.max(0, ...written.map(({ length }) => length));
  return written.length <= evaluations(limits) && longest <= maximumExpressionLength;
};

const evaluations = ({ valuesTaken }: PathLimits) => Math.min(maximumEvaluations, maximumValues - valuesTaken);

/**
 * The condition that catches exactly these modules: `/Orders` and all below it, never `/OrdersAdmin`. Where classes have no room
 * in a rule that must go on holding them all, it takes them as written.
 */
export function pathCondition(modules: readonly string[], limits: PathLimits): RuleCondition {
  const sorted = modules.toSorted();
  if (limits.pathMatching === 'wildcard')
    return { field: 'path-pattern', values: wildcards(sorted), regularExpressions: [] };
  const wanted = expressions(sorted, limits);
  const hasRoom = limits.caseInsensitive !== 'classes' || wanted.length <= evaluations(limits);
  const regularExpressions = hasRoom ? wanted : expressions(sorted, { ...limits, caseInsensitive: false });
  return { field: 'path-pattern', values: [], regularExpressions };
}

const wildcards = (modules: readonly string[]) => modules.flatMap((name) => [`/${name}`, `/${name}/*`]);

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
  `${caseInsensitive === true ? '(?i)' : ''}${around(modules.map(caseInsensitive === 'classes' ? inAnyCase : escaped).join('|'))}`;

const around = (names: string) => `^/(${names})(/.*)?$`;

/** A name in letters' classes; one that is too long for them as written and, where that fits, in lower case, as people type it. */
function inAnyCase(module: string): string {
  const forms = [classesOf(module), `${escaped(module)}|${escaped(module.toLowerCase())}`];
  return forms.find((form) => around(form).length <= maximumExpressionLength) ?? escaped(module);
}

/** The letter as written comes first in its class, so that people can be shown the name. */
export const classesOf = (name: string): string =>
  escaped(name).replace(/[A-Za-z]/g, (letter) => `[${letter}${otherCase(letter)}]`);

const otherCase = (letter: string) => (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase());

/** An expression as people read it: `^/(Orders)(/.*)?$ in any case`. */
export function readableExpression(expression: string): string {
  const isPair = (one: string, other: string) => one !== other && one.toLowerCase() === other.toLowerCase();
  const readable = expression.replace(/\[([A-Za-z])([A-Za-z])\]/g, (found, one: string, other: string) =>
    isPair(one, other) ? one : found,
  );
  return readable === expression ? expression : `${readable} in any case`;
}

const escaped = (module: string) =>
  module.replace(/[.~-]/g, (character) => (character === '.' ? String.raw`\.` : character));
