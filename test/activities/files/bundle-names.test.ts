/** A bundle means the same on Windows and on Linux, or it is refused; what it costs is known before it is paid. */
import fc from 'fast-check';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bundleNames } from '../../../activities/files/bundle-names';
import { unpackBundle } from '../../../activities/files/unpack';
import { writeZip } from '../../local/images/bundles';

const add = (...paths: string[]) => {
  const names = bundleNames();
  paths.forEach((path) => names.add(path));
  return names.count();
};

test.each([
  ...['CON', 'nul', 'aux.txt', 'COM1.config', 'x/LPT9/y', 'nul .txt', 'modules/CON/'].map((path) => [
    path,
    /is a device/,
  ]),
  ...['web.config::$DATA', 'web.config:evil', 'a<b', 'a|b', 'a?', 'a*', 'a"', 'a\\b'].map((path) => [
    path,
    /another meaning/,
  ]),
  ...['web.config.', 'web.config ', 'modules/Orders./x'].map((path) => [path, /ends with a dot or a blank/]),
  ...['a//b', 'a/./b', '../a', 'a\u001bb', ''].map((path) => [path, /is no file name|ends with a dot/]),
  [`${'d/'.repeat(64)}x`, /more than 64 folders deep/],
  ['n'.repeat(256), /more than 255 bytes/],
] as [string, RegExp][])('%j is refused', (path, message) => {
  expect(() => add(path)).toThrow(message);
});

test.each([
  [['modules/orders/x', 'modules/Orders/y']],
  [['Modules/Evil/x', 'modules/Orders/x']],
  [['a/INDEX.txt', 'a/index.txt']],
  [['a', 'a']],
  [['a', 'a/b']],
  [['a/b', 'a']],
  [['caf\u00e9', 'cafe\u0301']],
])('%j are one name', (paths) => {
  expect(() => add(...paths)).toThrow(/is in it twice/);
});

test('folders on the way count, each once', () => {
  expect(add('a/', 'a/b/c/d', 'a/b/e', 'f/g')).toBe(7);
});

test('whatever names are added, it ends with a count or one clause', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 }), { maxLength: 20 }), (paths) => {
      try {
        expect(add(...paths)).toBeGreaterThanOrEqual(0);
      } catch (error) {
        expect((error as Error).message).toMatch(/^.+(?:is|holds|ends|has|lies) /s);
      }
    }),
    { seed: 1, numRuns: 300 },
  );
});

describe('a bundle', () => {
  let folder = '';
  beforeEach(async () => void (folder = await mkdtemp(join(tmpdir(), 'cutover-bundle-'))));
  afterEach(() => rm(folder, { recursive: true, force: true }));

  test('that was damaged on its way is refused', async () => {
    const file = await writeZip(join(folder, 'a.zip'), { x: 'some text' });
    const bytes = await readFile(file);
    // Of its one entry, in the central directory: https://pkwaredownloads.blob.core.windows.net/pem/APPNOTE.txt
    const sum = bytes.indexOf('PK\u0001\u0002', 0, 'latin1') + 16;
    bytes.writeUInt32LE(bytes.readUInt32LE(sum) ^ 1, sum);
    await writeFile(file, bytes);
    await expect(unpackBundle(file, join(folder, 'out'))).rejects.toThrow(/x is damaged/);
  });

  test('that says it holds too much is refused before it is read', async () => {
    const file = await writeZip(join(folder, 'a.zip'), { x: '' });
    const bytes = await readFile(file);
    bytes.writeUInt16LE(60_000, bytes.lastIndexOf('PK\u0005\u0006', undefined, 'latin1') + 10);
    await writeFile(file, bytes);
    const unpacked = unpackBundle(file, join(folder, 'out'), { files: 50_000, bytes: 1 });
    await expect(unpacked).rejects.toThrow('it holds 60000 files and folders or more, more than 50000');
  });

  test('that is damaged anywhere unpacks, or is refused in a sentence', async () => {
    const good = await readFile(await writeZip(join(folder, 'a.zip'), { 'modules/Orders/x': 'x', Dockerfile: '' }));
    const change = fc.tuple(fc.nat(good.length - 1), fc.nat(255));
    await fc.assert(
      fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 4 }), fc.uuid(), async (changes, name) => {
        const bytes = Buffer.from(good);
        changes.forEach(([at, value]) => bytes.writeUInt8(value, at));
        const file = join(folder, `${name}.zip`);
        await writeFile(file, bytes);
        const message = await unpackBundle(file, join(folder, name), { files: 10, bytes: 1000 }).catch(
          (error: Error) => error.message,
        );
        expect(message ?? 'can be').toMatch(/^can be|can't be (?:read as a zip|unpacked): /);
      }),
      { seed: 1, numRuns: 100 },
    );
  });
});
