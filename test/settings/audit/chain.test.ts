/** An audit trail that somebody tampered with: each way is found, and named. */
import fc from 'fast-check';
import { chained, readLine, verifyTrail, type Head } from '../../../settings/audit/chain';

const zone = 'production';
const entries = (count: number, what = 'cut') =>
  Array.from({ length: count }, (_, at) => ({ event: what, facts: { at } }));
const { lines: whole, head } = chained(zone, null, entries(6));
const found = (texts: readonly string[], more: object = {}) => verifyTrail(texts, { zone, ...more }).findings;

/** As an attacker writes a line: whole in itself. */
const rehashed = (text: string, changes: object) => {
  const { hash: _, sequence, previous, ...rest } = { ...(JSON.parse(text) as Record<string, unknown>), ...changes };
  return chained(zone, { sequence: Number(sequence) - 1, hash: String(previous) }, [rest]).lines[0] ?? '';
};

test('a whole trail is whole, written at once or line by line', () => {
  let at: Head | null = null;
  const single = entries(6).flatMap((entry) => {
    const next = chained(zone, at, [entry]);
    at = next.head;
    return next.lines;
  });
  expect(single).toEqual(whole);
  expect(verifyTrail(whole, { zone, head, final: true })).toEqual({ zone, lines: 6, head, repeated: 0, findings: [] });
  expect(verifyTrail([], { zone })).toMatchObject({ lines: 0, head: null, findings: [] });
});

test.each<[string, readonly string[], RegExp[]]>([
  ['a changed line', whole.with(2, whole[2]!.replace('"at":2', '"at":7')), [/Text 3 .* changed/, /Line 3 is missing/]],
  [
    'a changed line with its hash made to fit',
    whole.with(2, rehashed(whole[2]!, { facts: 0 })),
    [/Line 4 follows another line 3/],
  ],
  ['a removed line', whole.toSpliced(3, 1), [/Line 4 is missing/]],
  ['removed lines', whole.toSpliced(1, 3), [/Lines 2 to 4 are missing/]],
  ['a removed beginning', whole.slice(2), [/Lines 1 to 2 are missing/]],
  ['reordered lines', whole.toSpliced(1, 2, whole[2]!, whole[1]!), [/Line 2 stands after line 3: they were reordered/]],
  ['a fork', [...whole, rehashed(whole[5]!, { event: 'forged' })], [/There are 2 different lines 6: the trail forks/]],
  ['a cut off end', whole.slice(0, 4), [/Lines 5 to 6 are missing: they were written, and the end was cut off/]],
  ['all of it gone', [], [/Lines 1 to 6 are missing: they were written/]],
  [
    'a trail that was written anew',
    chained(zone, null, entries(6, 'nothing')).lines,
    [/Line 6 is another one than was written/],
  ],
  [
    'lines that nobody wrote',
    [...whole, ...chained(zone, head, entries(2)).lines],
    [/Lines 7 to 8 are there, and nobody/],
  ],
  ['another zone’s trail', chained('test', null, entries(1)).lines, [/of the zone test/, /Lines 1 to 6 are missing/]],
  [
    'a line of blanks that means the same',
    whole.with(0, whole[0]!.replace(',', ', ')),
    [/Text 1/, /Line 1 is missing/],
  ],
  ['something else in between', whole.toSpliced(3, 0, 'hello'), [/Text 4 is no line/]],
])('%s', (_name, texts, sentences) => {
  const findings = found(texts, { head, final: true });
  expect(findings).toEqual(sentences.map((sentence) => expect.stringMatching(sentence)));
});

test('what is written twice, or was left unfinished and then written whole, does no harm', () => {
  const twice = [...whole.slice(0, 4), whole[4]!.slice(0, 30), ...whole.slice(2)];
  expect(verifyTrail(twice, { zone, head })).toMatchObject({ lines: 6, repeated: 3, findings: [] });
});

test('without anybody’s notes a cut off end isn’t seen, and with somebody’s it is', () => {
  expect(found(whole.slice(0, 4))).toEqual([]);
  expect(found(whole.slice(0, 4), { head })).toHaveLength(1);
});

test('a trail can’t be begun again in the place of another', () => {
  const { lines } = chained(zone, null, entries(2, 'later'));
  expect(found([...whole, ...lines]).join(' ')).toMatch(/forks/);
});

test('any change of any character of any line is found', () => {
  const text = whole.join('\n');
  fc.assert(
    fc.property(fc.nat({ max: text.length - 1 }), fc.string({ minLength: 1, maxLength: 1 }), (at, character) => {
      fc.pre(text[at] !== character);
      const changed = `${text.slice(0, at)}${character}${text.slice(at + 1)}`.split('\n');
      expect(found(changed, { head }).length).toBeGreaterThan(0);
    }),
  );
});

test('a number that no counter reaches is no line', () => {
  for (const sequence of [0, -1, 1.5, 1e300])
    expect(readLine(whole[0]!.replace('"sequence":1', `"sequence":${sequence}`))).toBeUndefined();
});
