import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeCopies, removeCopies } from '../../../activities/files/configuration-copies';
import { publishConfiguration } from '../../../activities/files/configuration';

const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
const xml =
  '<?xml version="1.0"?><configuration><appSettings><add key="Greeting" value="Hi"/></appSettings></configuration>';

let root = '';
const folders = () => ({ folder: join(root, 'platform'), store: join(root, 'store') });
beforeEach(async () => void (root = await mkdtemp(join(tmpdir(), 'cutover-configuration-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

async function given(content: string | Buffer, name = 'App.config', folder = key): Promise<void> {
  await mkdir(join(root, 'platform', folder), { recursive: true });
  await writeFile(join(root, 'platform', folder, name), content);
}
const publish = (zone = 'production') => publishConfiguration(folders(), { zone, key });

/** The store's copies, whosoever they are. */
const copies = async () => (await readdir(join(root, 'store'))).filter((name) => name !== '.owners').toSorted();

test.each([
  ['<configuration><appSettings></configuration>', '1:44'],
  ['not XML at all', '1:'],
  ['', '1:'],
  ['<a/><b/>', '1:7'],
  ['<a/>x', '1:5'],
  ['<a>\n  &nope;</a>', '2:8'],
  ['<a b="<"/>', '1:7'],
  ['<a>\u0001</a>', '1:4'],
  ['<a b="\u0000"/>', '1:7'],
  ['<a>&#1;</a>', '1:7'],
  ['<?xml version="1.1"?><a>&#1;</a>', '1:28'],
  ['<a>]]></a>', '1:6'],
  ['<a b="1" b="2"/>', '1:16'],
  ['<!DOCTYPE a SYSTEM "http://127.0.0.1:1/away.dtd?a&b"><a/>', '1:53'],
  ['<!-- & -->\n<a>\n  <b c="?d=1&e=2"/>&amp;</a>', '3:13'],
  ['\uFEFF<a>& b</a>', '1:4'],
  ['<a>'.repeat(10_000) + '</a>'.repeat(10_000), '1:'],
])('malformed XML is refused with its place, and no copy is made: %.60j', async (content, place) => {
  await given(content);
  await expect(publish()).rejects.toThrow(
    new RegExp(`App\\.config:${place}\\d* is not well-formed XML: [^.]+\\. Nothing was changed; mend it`),
  );
  await expect(readdir(join(root, 'store'))).rejects.toThrow('ENOENT');
});

test('a bare & is told where it stands, not where the parser gave up', async () => {
  await given('<a>\n<b c="?d=1&e=2"/>\n<b c="&amp;"/>\n</a>');
  await expect(publish()).rejects.toThrow(/App\.config:2:11 .* write it as "&amp;"/);
});

test('nothing is expanded: entities of a document’s own are refused with its DOCTYPE', async () => {
  const laughs = '<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">';
  await given(`<!DOCTYPE c [${laughs}]><c>&b;</c>`);
  await expect(publish()).rejects.toThrow(/Its DOCTYPE is never read: leave it out/);
});

test.each([
  `\uFEFF${xml}`,
  '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<!-- a --><a><![CDATA[<&]]></a><?b c?>\r\n',
  '<a xmlns="urn:a" xmlns:b="urn:b" b:c="&lt;&amp;&gt;&quot;&apos;&#8364;&#x20AC;">ä€😀</a>',
])('what XML allows is taken: %j', async (content) => {
  await given(content);
  expect(await publish()).not.toBeNull();
});

test('16 MiB are taken', async () => {
  const entry = '<add key="Greeting" value="Hi &amp; you"/>\n';
  await given(`<a>${entry.repeat(Math.floor((16 * 1024 * 1024 - 10) / entry.length))}</a>`);
  expect(await publish()).not.toBeNull();
});

test('a configuration in two letter cases is refused, because which is meant can’t be told', async () => {
  await given(xml);
  await given(xml.replace('Hi', 'Hello'), 'app.config');
  if ((await readdir(join(root, 'platform', key))).length === 1) return;
  await expect(publish()).rejects.toThrow(/a3c0.* holds App\.config and app\.config: leave .* Nothing was changed\.$/);
  await expect(readdir(join(root, 'store'))).rejects.toThrow('ENOENT');
});

test('more than 16 MiB are refused', async () => {
  await given(Buffer.alloc(16 * 1024 * 1024 + 1, 32));
  await expect(publish()).rejects.toThrow(/at most 16 MiB/);
});

test('what can’t be read is told with its path', async () => {
  await mkdir(join(root, 'platform', key, 'App.config'), { recursive: true });
  await expect(publish()).rejects.toThrow(/App\.config is no plain file: put the file itself there/);
});

test('an application without a configuration has none', async () => {
  expect(await publish()).toBeNull();
});

test.each(['App.config', 'App.Config', 'app.config', 'APP.CONFIG'])('%s is found in any letter case', async (name) => {
  await given(xml, name, key.toUpperCase());
  expect(await publish()).toMatchObject({ sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });
});

test('the copy is named by its content, and never changes', async () => {
  await given(xml);
  const first = await publish();
  expect(await publish()).toEqual(first);
  await given(xml.replace('Hi', 'Hello'));
  const second = await publish();
  expect(second).not.toEqual(first);
  expect(await readFile(join(root, 'store', first!.sha256, 'App.config'), 'utf8')).toBe(xml);
  expect(await copies()).toEqual([first!.sha256, second!.sha256].toSorted());
});

const utf16 = (text: string) => Buffer.from(text, 'utf16le');
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const declared = (encoding: string) => `<?xml version="1.0" encoding="${encoding}"?><a b="é"/>`;

test.each([
  ['UTF-16 with a byte order mark', utf16(`\uFEFF${xml}`)],
  ['UTF-16, big endian', utf16(`\uFEFF${xml}`).swap16()],
  ['UTF-16 without a byte order mark', utf16(xml)],
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${xml}`)],
  ['Windows-1252 that says so', latin1(declared('windows-1252'))],
  ['ISO-8859-1 that says so', latin1(declared('iso-8859-1'))],
  ['UTF-16 with a mark, without a declaration', utf16('\uFEFF<a b="é"/>')],
  ['UTF-16 that says so', utf16(`\uFEFF${declared('UTF-16')}`)],
  ['UTF-16, big endian, that says so', utf16(`\uFEFF${declared('utf-16')}`).swap16()],
  ['UTF-8 with a mark that says so', Buffer.from(`\uFEFF${declared('UTF-8')}`)],
  ['ASCII that says so', latin1(declared('us-ascii').replace('é', 'e'))],
  [
    'Japanese that says so',
    Buffer.concat([latin1(declared('shift_jis').replace('é"/>', '')), Buffer.from([0x82, 0xa0]), latin1('"/>')]),
  ],
])('%s is read as .NET reads it', async (_, content) => {
  await given(content);
  expect(await publish()).not.toBeNull();
});

test.each([
  ['bytes that are no UTF-8', latin1('<a b="é"/>'), /bytes that are no UTF-8: save it as UTF-8/],
  ['half a character at the end of UTF-16', utf16(`\uFEFF${xml}`).subarray(0, -1), /no UTF-16LE/],
  ['an encoding that nobody knows', latin1(declared('klingon')), /"klingon", an encoding that is not known/],
  ['half a pair of UTF-16', utf16('\uFEFF<a b="\uD83D"/>'), /no UTF-16LE/],
  ['UTF-8 that is too long for its character', Buffer.from([0x3c, 0xc0, 0xaf, 0x2f, 0x3e]), /bytes that are no UTF-8/],
  ['UTF-7', latin1(declared('utf-7').replace('é', '+AOk-')), /"utf-7", an encoding that is not known/],
  ['a name that .NET does not know', Buffer.from(declared('utf8')), /"utf8", an encoding that is not known/],
  ['a mark of UTF-32', Buffer.from([0xff, 0xfe, 0, 0, 0x3c, 0, 0, 0]), /is UTF-32: save it as UTF-8/],
  ['UTF-32 without a mark', Buffer.from([0, 0, 0, 0x3c, 0, 0, 0, 0x61]), /is UTF-32/],
  ['a mark of UTF-8, saying UTF-16', Buffer.from(`\uFEFF${declared('utf-16')}`), /no byte order mark of it/],
  ['a mark of UTF-8, saying Windows-1252', Buffer.from(`\uFEFF${declared('windows-1252')}`), /begins as UTF-8 does/],
  ['UTF-16, saying UTF-8', utf16(`\uFEFF${declared('utf-8')}`), /begins as UTF-16LE does, and says that it is utf-8/],
  ['UTF-16, little endian, saying big', utf16(`\uFEFF${declared('utf-16be')}`), /"utf-16be", an encoding/],
  ['no encoding', latin1(declared('').replace('é', 'e')), /"", an encoding that is not known/],
  ['UTF-16 in its declaration only', latin1(declared('utf-16').replace('é', 'e')), /has no byte order mark/],
])('a configuration with %s is refused', async (_, content, message) => {
  await given(content);
  await expect(publish()).rejects.toThrow(message);
});

describe('of copies that nothing refers to any more', () => {
  const own = { zone: 'production', key };
  const other = { zone: 'production', key: 'b3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11' };
  const store = () => join(root, 'store');

  test('one that another application, or the same in another zone, has published too stays until nobody needs it', async () => {
    await given(xml);
    const { sha256 } = (await publish())!;
    await publish('staging');
    await given(xml, 'App.config', other.key);
    await publishConfiguration(folders(), other);
    for (const owner of [own, { ...own, zone: 'staging' }]) {
      await removeCopies(store(), owner, await describeCopies(store(), owner));
      expect(await copies()).toEqual([sha256]);
      expect(await describeCopies(store(), owner)).toEqual([]);
    }
    await removeCopies(store(), other, await describeCopies(store(), other));
    expect(await copies()).toEqual([]);
  });

  test('one that was published again meanwhile stays', async () => {
    await given(xml);
    const { sha256 } = (await publish())!;
    const seen = await describeCopies(store(), own);
    await publish();
    await removeCopies(store(), own, seen);
    expect(await copies()).toEqual([sha256]);
    expect(await describeCopies(store(), own)).toMatchObject([{ sha256 }]);
  });

  test('one that nobody said anything of stays, and so does what is no copy', async () => {
    await mkdir(join(store(), 'a'.repeat(64)), { recursive: true });
    await removeCopies(store(), own, [{ sha256: '../platform', mark: '' }]);
    await given(xml);
    await publish();
    expect(await readdir(root)).toContain('platform');
    expect(await copies()).toContain('a'.repeat(64));
  });

  test('publishing and removing at the same time, again and again, never loses a copy that was published', async () => {
    await given(xml);
    await given(xml, 'App.config', other.key);
    for (let round = 0; round < 15; round++) {
      await publish();
      const seen = await describeCopies(store(), own);
      const [published] = await Promise.all([publishConfiguration(folders(), other), removeCopies(store(), own, seen)]);
      expect(await readFile(join(store(), published!.sha256, 'App.config'), 'utf8')).toBe(xml);
      await removeCopies(store(), other, await describeCopies(store(), other));
    }
    expect(await copies()).toEqual([]);
  });
});
