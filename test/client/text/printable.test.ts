/** Whatever people, tasks or AWS wrote, it moves no cursor of the operator's terminal. */
import fc from 'fast-check';
import { printable } from '../../../client/text/printable';

test.each([
  ['the cursor', 'x\r\u001b[1A\u001b[2Kdeploy approved', 'x\\u000d\\u001b[1A\\u001b[2Kdeploy approved'],
  ['the clipboard', '\u001b]52;c;eA==\u0007', '\\u001b]52;c;eA==\\u0007'],
  ['the screen, in one byte', '\u009b2J', '\\u009b2J'],
  ['hidden text', '\u001b[8mx', '\\u001b[8mx'],
  ['the direction', 'a\u202eb', 'a\\u202eb'],
])('%s stays as it is', (_, text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('colours, lines, tabs and every script stay', () => {
  const text = '\u001b[1mÓrdenes\u001b[22m\n\t注文 👩\u200d💻';
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
