/**
 * The conditions of a statement. Keys are compared without case, all operators of a block must hold, and of several values one
 * is enough (none may match where the operator says Not).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
import { arnPattern, textPattern } from './patterns';

/** What is known of a call, by condition key in lower case. A key that isn't there has no value. */
export type Context = Readonly<Record<string, readonly string[]>>;

/** `{ StringEquals: { 'aws:RequestTag/cutover': ['yes'] } }`. */
export type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

type Holds = (context: Context) => boolean;

/** Whether all conditions hold. @throws {Error} of one sentence for an operator that isn't known here, or for policy variables */
export function compileConditions(conditions: Conditions | undefined): Holds {
  const all = Object.entries(conditions ?? {}).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, values]) => compile(operator, key.toLowerCase(), [values].flat().map(String))),
  );
  return (context) => all.every((holds) => holds(context));
}

const comparisons: Readonly<Record<string, (wanted: string) => (given: string) => boolean>> = {
  StringEquals: (wanted) => (given) => given === wanted,
  StringEqualsIgnoreCase: (wanted) => (given) => given.toLowerCase() === wanted.toLowerCase(),
  StringLike: (wanted) => textPattern(wanted),
  ArnEquals: arnPattern,
  ArnLike: arnPattern,
  Bool: (wanted) => (given) => given.toLowerCase() === wanted.toLowerCase(),
  NumericEquals: (wanted) => (given) => Number(given) === Number(wanted),
  NumericLessThan: (wanted) => (given) => Number(given) < Number(wanted),
  NumericLessThanEquals: (wanted) => (given) => Number(given) <= Number(wanted),
  NumericGreaterThan: (wanted) => (given) => Number(given) > Number(wanted),
  NumericGreaterThanEquals: (wanted) => (given) => Number(given) >= Number(wanted),
};

const form = /^(?:(ForAllValues|ForAnyValue):)?(String|Arn|Numeric|Bool|Null)(Not)?(\w*?)(IfExists)?$/;

function compile(operator: string, key: string, wanted: readonly string[]): Holds {
  const [, set, kind = '', not, rest = '', ifExists] = form.exec(operator) ?? [];
  if (wanted.some((value) => value.includes('${')))
    throw new Error(`Policy variables such as in "${key}" aren't known here.`);
  if (kind === 'Null') return (context) => wanted.includes(String(context[key] === undefined));
  const comparison = comparisons[`${kind}${rest}`];
  if (comparison === undefined) throw new Error(`The condition operator "${operator}" isn't known here.`);
  const values = wanted.map(comparison);
  const matches = (given: string): boolean => values.some((value) => value(given)) !== (not !== undefined);
  return (context) => {
    const given = context[key];
    if (given === undefined)
      return ifExists !== undefined || set === 'ForAllValues' || (set === undefined && not !== undefined);
    // Without a word for the set, Not means that no value may match.
    return set === 'ForAllValues' || (set === undefined && not !== undefined)
      ? given.every(matches)
      : given.some(matches);
  };
}
