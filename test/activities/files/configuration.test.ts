import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
const publish = () => publishConfiguration(folders(), key);

test.each([
  ['<configuration><appSettings></configuration>', /App\.config:1 is not well-formed XML/],
  ['not XML at all', /is not well-formed XML/],
  ['', /is not well-formed XML/],
])('malformed XML is refused, and no copy is made: %j', async (content, message) => {
  await given(content);
  await expect(publish()).rejects.toThrow(message);
  await expect(readdir(join(root, 'store'))).rejects.toThrow('ENOENT');
});

test('more than 16 MiB are refused', async () => {
  await given(Buffer.alloc(16 * 1024 * 1024 + 1, 32));
  await expect(publish()).rejects.toThrow(/at most 16 MiB/);
});

test('what can’t be read is told with its path', async () => {
  await mkdir(join(root, 'platform', key, 'App.config'), { recursive: true });
  await expect(publish()).rejects.toThrow(/App\.config can't be read/);
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
  expect((await readdir(join(root, 'store'))).toSorted()).toEqual([first!.sha256, second!.sha256].toSorted());
});

test('UTF-16 with a byte order mark is read as .NET writes it', async () => {
  await given(Buffer.from(`\uFEFF${xml}`, 'utf16le'));
  expect(await publish()).not.toBeNull();
});
