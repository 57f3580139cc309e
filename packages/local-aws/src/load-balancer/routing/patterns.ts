/**
 * How the load balancer compares text: by wildcards (`*` for any characters, `?` for exactly one, a backslash before either to
 * take it literally) and by regular expressions.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html
 */

export type TextMatcher = (text: string) => boolean;

export type CaseRule = 'caseSensitive' | 'ignoreCase';

/** A wildcard pattern has to match the whole text. */
export function wildcardMatcher(pattern: string, caseRule: CaseRule): TextMatcher {
  if (!/[*?\\]/.test(pattern)) return exactMatcher(pattern, caseRule);
  const source = pattern.replace(/\\([*?])|[*?]|[\\^$.|+()[\]{}]/g, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return `\\${escaped}`;
    if (token === '*') return '.*';
    return token === '?' ? '.' : `\\${token}`;
  });
  const expression = new RegExp(`^${source}$`, caseRule === 'ignoreCase' ? 'is' : 's');
  return (text) => expression.test(text);
}

function exactMatcher(expected: string, caseRule: CaseRule): TextMatcher {
  if (caseRule === 'caseSensitive') return (text) => text === expected;
  const lowered = expected.toLowerCase();
  return (text) => text.toLowerCase() === lowered;
}

/**
 * A regular expression may match any part of the text unless it is anchored. `(?i)` at its start makes it ignore case.
 * Constructs that the load balancer lacks are refused by the API, not here; one that can't be compiled matches nothing.
 */
function regexMatcher(source: string, caseRule: CaseRule): TextMatcher {
  const expression = compileRegex(source, caseRule);
  if (expression === undefined) return () => false;
  return (text) => expression.test(text);
}

/** Undefined when the source isn't a regular expression. */
export function compileRegex(source: string, caseRule: CaseRule): RegExp | undefined {
  const inline = source.startsWith('(?i)');
  try {
    return new RegExp(inline ? source.slice(4) : source, inline || caseRule === 'ignoreCase' ? 'i' : '');
  } catch {
    return undefined;
  }
}

/** True when any of the wildcards or regular expressions matches. */
export function anyMatcher(
  values: readonly string[] | undefined,
  regexValues: readonly string[] | undefined,
  caseRule: CaseRule,
): TextMatcher {
  const matchers = [
    ...(values ?? []).map((value) => wildcardMatcher(value, caseRule)),
    ...(regexValues ?? []).map((value) => regexMatcher(value, caseRule)),
  ];
  const [only] = matchers;
  if (matchers.length === 1 && only !== undefined) return only;
  return (text) => matchers.some((matches) => matches(text));
}
