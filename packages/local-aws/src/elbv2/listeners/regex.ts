/**
 * Regular expressions as the load balancer takes them. It knows less than JavaScript: no look-around, backreference,
 * atomic group, possessive quantifier, recursion or Unicode property. Nobody has seen whether it knows inline flags
 * like `(?i)`, so they are refused unless the options of the local AWS allow them.
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

export function checkRegex(regex: string, longest: number, { allowInlineFlags }: RegexOptions): void {
  if (regex === '') invalid('A regular expression must not be empty');
  if (regex.length > longest)
    invalid(`The regular expression '${regex}' cannot be longer than '${longest}' characters`);
  // An escaped backslash isn't the beginning of another escape, nor is what stands in a class an operator.
  const bare = regex.replace(/\\[^1-9kpP]/g, '_').replace(/\[[^\]]*\]/g, '_');
  const [, construct] =
    (allowInlineFlags ? refused : [...refused, inlineFlags]).find(([pattern]) => pattern.test(bare)) ?? [];
  if (construct !== undefined)
    invalid(`The regular expression '${regex}' is not valid: ${construct} are not supported`);
  try {
    // The inline flag for any case is the load balancer's; JavaScript has it as an argument.
    new RegExp(regex.replace(/^\(\?i\)/, ''));
  } catch {
    invalid(`The regular expression '${regex}' is not valid`);
  }
}
