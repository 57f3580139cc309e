/**
 * Regular expressions as the load balancer accepts them. It supports less than JavaScript: no look-around, backreference,
 * atomic group, possessive quantifier, recursion or Unicode property. It isn't known whether it supports inline flags such as
 * `(?i)`, so they are refused unless the options of the local AWS allow them.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import { invalid, type Elbv2 } from '../elbv2';

export type RegexOptions = Pick<Elbv2, 'allowInlineFlags'>;

const refused: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'look-around'],
  [/\(\?>/, 'atomic groups'],
  [/\(\?(R|[+-]?\d)/, 'recursion'],
  [/\\(?:[1-9]|k[<{'])/, 'backreferences'],
  [/(?:[*+?]|\{\d*,?\d*\})\+/, 'possessive quantifiers'],
  [/\\[pP]/, 'Unicode properties'],
];
const inlineFlags = [/\(\?[a-zA-Z-]+[:)]/, 'inline flags'] as const;

/**
 * `longest` is the most characters that it may have.
 * @throws {AwsError} with code `ValidationError`
 */
export function checkRegex(regex: string, longest: number, { allowInlineFlags }: RegexOptions): void {
  if (regex === '') invalid('A regular expression must not be empty');
  if (regex.length > longest)
    invalid(`The regular expression '${regex}' cannot be longer than '${longest}' characters`);
  // An escaped backslash doesn't begin another escape, and characters in a class aren't operators.
  const bare = regex.replace(/\\[^1-9kpP]/g, '_').replace(/\[[^\]]*\]/g, '_');
  const [, construct] =
    (allowInlineFlags ? refused : [...refused, inlineFlags]).find(([pattern]) => pattern.test(bare)) ?? [];
  if (construct !== undefined)
    invalid(`The regular expression '${regex}' is not valid: ${construct} are not supported`);
  try {
    // The load balancer has an inline flag to ignore case, JavaScript an argument.
    new RegExp(regex.replace(/^\(\?i\)/, ''));
  } catch {
    invalid(`The regular expression '${regex}' is not valid`);
  }
}
