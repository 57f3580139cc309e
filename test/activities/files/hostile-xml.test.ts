/** Whatever a configuration holds, the worker's thread goes on with other work while it is checked. */
import { setImmediate as otherWork } from 'node:timers/promises';
import { findFault } from '../../../activities/files/well-formed';

const many = (token: string, length = 2 ** 20) => token.repeat(Math.ceil(length / token.length));

// Where the time grows with the square of the length, a mebibyte takes minutes.
test.each([
  ['openings of a DOCTYPE', many('<!DOCTYPE')],
  ['DOCTYPEs', many('<!DOCTYPE a>')],
  ['entities of a DOCTYPE', `<!DOCTYPE a [${many('<!ENTITY ')}`],
  ['openings of comments', many('<!--')],
  ['openings of instructions', many('<?')],
  ['openings of CDATA', `<a>${many('<![CDATA[')}`],
  ['bare ampersands', `<a>${many('&')}`],
  ['ampersands with names', `<a>${many('&a')}`],
  ['letters of one name', `<a>&${many('a')}`],
  ['comments before an ampersand', `<a>${many('<!-- & -->')}& ;`],
  ['line breaks before an ampersand', `<a>${many('\n')}& ;`],
  ['brackets in CDATA', `<a><![CDATA[${many(']')}`],
  ['attributes of one name', `<a ${many('b="" ')}/>`],
])(
  'a mebibyte of %s is refused',
  async (_, text) => {
    expect(await findFault(text)).toMatchObject({ line: expect.any(Number), why: expect.any(String) });
  },
  20_000,
);

test('other work has its turn again and again', async () => {
  let turns = 0;
  let over = false;
  const others = (async () => {
    for (; !over; turns++) await otherWork();
  })();
  expect(await findFault(`<a>${many('<b/>')}</a>`)).toBeUndefined();
  over = true;
  await others;
  expect(turns).toBeGreaterThanOrEqual(16);
});

test('a check ends when nobody wants it any more', async () => {
  const wanted = AbortSignal.abort(new Error('not wanted'));
  await expect(findFault(`<a>${many('<b/>')}</a>`, wanted)).rejects.toThrow('not wanted');
});
