/** Whatever people, tasks or AWS wrote, it moves no cursor of the operator's terminal. */
import fc from 'fast-check';
import { shown } from '../../terminal/print';
import { printable } from '../../terminal/printable';

test.each([
  ['the cursor', 'x\r\u001b[1A\u001b[2Kdeploy approved', 'x\\u000d\\u001b[1A\\u001b[2Kdeploy approved'],
  ['the clipboard', '\u001b]52;c;eA==\u0007', '\\u001b]52;c;eA==\\u0007'],
  ['the screen, in one byte', '\u009b2J', '\\u009b2J'],
  ['hidden text', '\u001b[8mx', '\\u001b[8mx'],
  ['the direction', 'a\u202eb', 'a\\u202eb'],
])('%s stays as it is', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('colours, tabs and every script stay', () => {
  const text = '\u001b[1mÓrdenes\u001b[22m\t注文 👩\u200d💻';
  expect(printable(text)).toBe(text);
});

test('JSON stays the same JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(JSON.parse(printable(JSON.stringify({ text })))).toEqual({ text });
    }),
    { seed: 1, numRuns: 300 },
  );
});

/** As a terminal would show it: what begins a line there. */
const linesOf = (text: string) => text.replace(/\n$/, '').split('\n');

test.each(['a\nb', 'a\r\nb', 'a\n\n\n  b', 'a\u2028b', 'a\u0085b', 'a\rb', '\na', 'a\n'])(
  '%j is one line, and what seems to be another is marked',
  (text) => {
    const [first, ...others] = linesOf(shown(text));
    expect(first).toMatch(/^(a|$)/);
    for (const line of others) expect(line).toMatch(/^  ┆ /);
  },
);

test('whatever lines are shown, as many begin, and nothing moves the cursor', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom('\n', '\r', '\u001b', '[2K', 'a') }),
  );
  fc.assert(
    fc.property(fc.array(text), (lines) => {
      const written = shown(lines);
      expect(written === '' ? [] : linesOf(written).filter((line) => !line.startsWith('  ┆ '))).toHaveLength(
        lines.filter((line) => !line.startsWith('  ┆ ')).length,
      );
      // eslint-disable-next-line no-control-regex
      expect(written.replace(/\u001b\[\d\d?m/g, '')).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/);
    }),
    { seed: 1, numRuns: 500 },
  );
});
