/** Whose words move a cursor, break a line or are endless says so in no deployment: asked by who sends, and by who takes. */
import { wordsFault } from '../../contract/commands';

test('a name and a reason are one line of plain text', () => {
  for (const said of [
    undefined,
    null,
    '',
    'tested on the test route',
    {},
    { by: 'Ana Müller <ana@example.com>', reason: 'größer, 数 and 👩‍👧 too' },
    { by: 'x'.repeat(200), reason: '👩'.repeat(1000) },
  ])
    expect(wordsFault(said)).toBeUndefined();
});

test.each([
  [{ by: 'ana\u001B[2K' }, /^by has the control character U\+001B: write it as one line/],
  [{ reason: 'ok\nbob: approved' }, /^reason has the control character U\+000A/],
  [{ reason: 'ok\rno' }, /U\+000D/],
  [{ reason: 'a\u0000' }, /U\+0000/],
  [{ reason: 'a\u009B31m' }, /U\+009B/],
  [{ by: 'a\u202Ena' }, /U\+202E/],
  [{ reason: 'a\u2028b' }, /U\+2028/],
  ['a\tb', /^reason has the control character U\+0009/],
  [{ by: 'x'.repeat(201) }, /^by has 201 characters, and may have 200: shorten it\.$/],
  ['x'.repeat(1001), /^reason has 1001 characters, and may have 1000/],
])('%j is refused with one sentence', (said, why) => {
  expect(wordsFault(said)).toMatch(why);
});
