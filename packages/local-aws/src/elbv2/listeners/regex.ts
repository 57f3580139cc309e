/**
 * Regular expressions as the load balancer accepts them. It supports less than JavaScript: no look-around, backreference,
 * atomic group, possessive quantifier, recursion or Unicode property.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */
import { invalid } from '../elbv2';

const refused: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/, 'look-around'],
  [/\(\?>/, 'atomic groups'],
  [/\(\?(R|[+-]?\d)/, 'recursion'],
  [/\\(?:[1-9]|k[<{'])/, 'backreferences'],
  [/(?:[*+?]|\{\d*,?\d*\})\+/, 'possessive quantifiers'],
  [/\\[pP]/, 'Unicode properties'],
];

/**
 * `longest` is the most characters that it may have.
 * @throws {AwsError} with code `ValidationError`
 */
export function checkRegex(regex: string, longest: number): void {
  if (regex === '') invalid('A regular expression must not be empty');
  if (regex.length > longest)
    invalid(`The regular expression '${regex}' cannot be longer than '${longest}' characters`);
  // An escaped backslash doesn't begin another escape, and characters in a class aren't operators.
  const bare = regex.replace(/\\[^1-9kpP]/g, '_').replace(/\[[^\]]*\]/g, '_');
  const [, construct] = refused.find(([pattern]) => pattern.test(bare)) ?? [];
  if (construct !== undefined)
    invalid(`The regular expression '${regex}' is not valid: ${construct} are not supported`);
  try {
    // The load balancer has an inline flag to ignore case, JavaScript an argument.
    new RegExp(regex.replace(/^\(\?i\)/, ''));
  } catch {
    invalid(`The regular expression '${regex}' is not valid`);
  }
}
