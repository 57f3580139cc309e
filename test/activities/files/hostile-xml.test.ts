/** Whatever a configuration holds, the worker's thread goes on with other work while it is checked. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import { readAppConfig } from '../../../activities/files/app-config';
import { checkInThread } from '../../../activities/files/check/in-thread';
import { findFault } from '../../../activities/files/check/well-formed';

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
  (_, text) => {
    expect(findFault(text)).toMatchObject({ line: expect.any(Number), why: expect.any(String) });
  },
  20_000,
);

describe('a file of 16 MiB', () => {
  const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
  const most = 16 * 2 ** 20;
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'cutover-hostile-xml-'));
    await mkdir(join(folder, key));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Of this thread, in milliseconds, whatever else the machine does: Linux tells. */
  const workedMs = () => Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[0]) / 1e6;

  /** The longest stretch of this thread's work between two turns, until the work is over. */
  async function longestStretch(work: Promise<unknown>): Promise<number> {
    let over = false;
    const ending = work.finally(() => (over = true)).catch(() => undefined);
    let longest = 0;
    for (let before = workedMs(); !over;) {
      await turn();
      const now = workedMs();
      longest = Math.max(longest, now - before);
      before = now;
    }
    await ending;
    return longest;
  }

  // In the worker's own thread each of these takes more than half a second.
  const onLinux = process.platform === 'linux' ? test : test.skip;
  onLinux.each([
    ['line breaks before a bare ampersand', Buffer.from(`<a>${many('\n', most - 8)}& ;`)],
    ['digits of one character reference', Buffer.from(`<a>&#${many('1', most - 20)};</a>`)],
    ['UTF-16, big endian, of line breaks', Buffer.from(`\uFEFF<a>${many('\n', most / 2 - 10)}& ;`, 'utf16le').swap16()],
  ])('%s takes less than 200 ms of the worker’s thread in one piece', async (_, content) => {
    await writeFile(join(folder, key, 'App.config'), content);
    const read = readAppConfig(folder, key);
    expect(await longestStretch(read)).toBeLessThan(200);
    await expect(read).rejects.toMatchObject({ type: 'InvalidRequest' });
  });
});

describe('a check that takes too much', () => {
  const slow = Buffer.from(`<a><![CDATA[${many(']', 2 ** 24)}`);

  test('of time ends, and the file is refused', async () => {
    expect(await checkInThread(slow, undefined, { ms: 100 })).toMatchObject({
      fault: expect.stringMatching(/takes more than 0\.1 s\. Nothing was changed/),
    });
  });

  test('of memory ends, and the file is refused', async () => {
    const attributes = Array.from({ length: 600_000 }, (__, index) => `a${index}="${index}"`).join(' ');
    const content = Buffer.from(`<a ${attributes}/>`);
    expect(await checkInThread(content, undefined, { mebibytes: 16 })).toMatchObject({
      fault: expect.stringMatching(/takes more than 16 MiB/),
    });
  });

  test('ends when nobody wants it any more', async () => {
    const wanted = new AbortController();
    const checked = checkInThread(slow, wanted.signal);
    wanted.abort(new Error('not wanted'));
    await expect(checked).rejects.toThrow('not wanted');
    await expect(checkInThread(slow, wanted.signal)).rejects.toThrow('not wanted');
  });
});
