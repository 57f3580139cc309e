/**
 * Filter patterns of plain terms. All terms must be in the message, except that a `-term` must not, and one of the `?term`s is
 * enough; quotes make one term of several words. Patterns for JSON and for columns are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
 */
import { fail } from '../protocol/errors';

/**
 * Makes a test of a message.
 * @throws {AwsError} with code `InvalidParameterException` for a pattern that isn't of plain terms
 */
export function parsePattern(pattern: string): (message: string) => boolean {
  if (/^\s*[{[%]/.test(pattern)) {
    fail('InvalidParameterException', `The local AWS has filter patterns of plain terms only, not '${pattern}'.`);
  }
  const terms = [...pattern.matchAll(/([-?]?)(?:"([^"]*)"|(\S+))/g)].map(([, sign = '', quoted, word]) => ({
    sign,
    text: quoted ?? word ?? '',
  }));
  const of = (sign: string): string[] => terms.filter((term) => term.sign === sign).map(({ text }) => text);
  const [all, none, some] = [of(''), of('-'), of('?')];
  return (message) =>
    all.every((text) => message.includes(text)) &&
    !none.some((text) => message.includes(text)) &&
    (some.length === 0 || some.some((text) => message.includes(text)));
}
