/** The values of a Dockerfile's instructions: exec form, and the pairs of ENV and LABEL. */

/**
 * Parses a JSON array of strings. Docker takes anything else for a shell command, whose process doesn't get signals.
 * @throws {Error} of one sentence, with the line, for anything else or an empty array
 */
export function parseExecForm(value: string, name: string, line: number): readonly string[] {
  const words = parseJson(value);
  if (Array.isArray(words) && words.length > 0 && words.every((word) => typeof word === 'string')) return words;
  throw new Error(
    `Dockerfile line ${line}: ${name} has to be in exec form, ${name} ["…", "…"], so that the application itself gets SIGTERM.`,
  );
}

/**
 * Parses `NAME=value NAME2="a value"`, or the older `NAME value`.
 * @throws {Error} of one sentence, with the line, for anything else
 */
export function parsePairs(value: string, line: number): Record<string, string> {
  const old = /^([^\s=]+)\s+(.+)$/s.exec(value);
  if (old?.[1] !== undefined && old[2] !== undefined) return { [old[1]]: old[2] };
  const pair = /\s*("[^"]*"|[^\s="]+)=("(?:\\[\s\S]|[^"\\])*"|'[^']*'|(?:\\[\s\S]|[^\s"'\\])*)(?=\s|$)/y;
  const pairs: Record<string, string> = {};
  for (let end = 0; end < value.trimEnd().length; end = pair.lastIndex) {
    pair.lastIndex = end;
    const [, name, text] = pair.exec(value) ?? [];
    if (name === undefined || text === undefined)
      throw new Error(`Dockerfile line ${line}: expected NAME=value pairs.`);
    pairs[unquoted(name)] = unquoted(text);
  }
  return pairs;
}

function unquoted(text: string): string {
  if (text.startsWith("'")) return text.slice(1, -1);
  const inner = text.startsWith('"') ? text.slice(1, -1) : text;
  return inner.replace(/\\([\s\S])/g, '$1');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
