/**
 * Identity-based policies: compiled once, then asked for every call. Nothing is allowed unless a statement allows it, and an
 * explicit denial wins.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
import { compileConditions, type Conditions, type Context } from './conditions';
import { arnPattern, textPattern } from './patterns';

type Several = string | readonly string[];

export interface Statement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: Several;
  readonly NotAction?: Several;
  readonly Resource?: Several;
  readonly NotResource?: Several;
  readonly Condition?: Conditions;
}

export interface PolicyDocument {
  readonly Version?: string;
  readonly Statement: Statement | readonly Statement[];
}

/** What a call needs: an action on one resource. */
export interface Authorization {
  /** As policies spell it, e.g. `ecs:UpdateService`. */
  readonly action: string;
  /** An ARN; `*` where AWS ties the action to no resource. An ARN that isn't known yet ends in `*`. */
  readonly resource: string;
  readonly context: Context;
}

export type Verdict =
  /** The statements that allow it, by `Sid`, or by their number from 0 where they have none. */
  | { readonly allowed: true; readonly by: readonly string[] }
  /** Whether a statement denies it, rather than none allowing it. */
  | { readonly allowed: false; readonly explicitly: boolean };

export type Policies = (asked: Authorization) => Verdict;

/**
 * The policies of one identity, as a function.
 * @throws {Error} of one sentence for a document that isn't an identity-based policy, or has what isn't known here
 */
export function compilePolicies(documents: readonly PolicyDocument[]): Policies {
  const statements = documents.flatMap(({ Statement }) => [Statement].flat() as Statement[]).map(compileStatement);
  return (asked) => {
    const matching = statements.filter(({ matches }) => matches(asked));
    if (matching.some(({ effect }) => effect === 'Deny')) return { allowed: false, explicitly: true };
    if (matching.length === 0) return { allowed: false, explicitly: false };
    return { allowed: true, by: matching.map(({ name }) => name) };
  };
}

function compileStatement(statement: Statement, index: number) {
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  const name = Sid ?? String(index);
  if (Effect !== 'Allow' && Effect !== 'Deny') throw new Error(`Statement ${name} has no Effect of Allow or Deny.`);
  if ('Principal' in statement) throw new Error(`Statement ${name} has a Principal: identities' policies have none.`);
  const action = oneOf(name, 'Action', [Action, NotAction], (pattern) => textPattern(pattern, true));
  const resource = oneOf(name, 'Resource', [Resource, NotResource], arnPattern);
  const holds = compileConditions(Condition);
  const matches = (asked: Authorization): boolean =>
    action(asked.action) && resource(asked.resource) && holds(asked.context);
  return { name, effect: Effect, matches };
}

/** One of two elements, the second of which excludes: `Action` or `NotAction`. */
function oneOf(
  name: string,
  element: string,
  [included, excluded]: readonly [Several | undefined, Several | undefined],
  pattern: (text: string) => (given: string) => boolean,
): (given: string) => boolean {
  if ((included === undefined) === (excluded === undefined))
    throw new Error(`Statement ${name} needs either ${element} or Not${element}.`);
  const patterns = [included ?? excluded ?? []].flat().map(pattern);
  return (given) => patterns.some((matches) => matches(given)) === (included !== undefined);
}
