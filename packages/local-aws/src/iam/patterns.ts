/** IAM's wildcards: `*` stands for any run of characters, `?` for one. */

/** Whether a text matches a pattern; upper and lower case count unless they are to be ignored. */
export function textPattern(pattern: string, ignoreCase = false): (text: string) => boolean {
  const escaped = pattern.replaceAll(/[.+^${}()|[\]\\]/g, '\\$&');
  const expression = new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, ignoreCase ? 'is' : 's');
  return (text) => expression.test(text);
}

/**
 * Whether an ARN matches a pattern, part by part: a wildcard doesn't reach past the colon that ends its part.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 * @throws {Error} for a pattern that is no ARN and not `*`
 */
export function arnPattern(pattern: string): (arn: string) => boolean {
  if (pattern === '*') return () => true;
  if (partsOf(pattern).length < 6)
    throw new Error(`"${pattern}" is not an ARN: a policy names resources by ARN, or *.`);
  const parts = partsOf(pattern).map((part) => textPattern(part));
  return (arn) => {
    const given = partsOf(arn);
    return given.length === 6 && parts.every((matches, index) => matches(given[index] ?? ''));
  };
}

/** An ARN has six parts; the last may have colons of its own. */
function partsOf(arn: string): string[] {
  const parts = arn.split(':');
  return [...parts.slice(0, 5), ...(parts.length > 5 ? [parts.slice(5).join(':')] : [])];
}
