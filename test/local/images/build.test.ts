import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { buildImage } from '../../../local/images/build';
import { findImage, listImages } from '../../../packages/local-aws/src/index';
import { releaseMarker } from '../../../planning/release/release';
import { unpackBundle } from '../../../activities/files/unpack';
import { dockerfile, inTemporaryFolder, renameInZip, writeZip } from './bundles';

const good = { Dockerfile: dockerfile, 'main.js': '', 'modules/Orders/index.txt': 'one' };

test.each([
  ['a file outside its folder', 'aa/evil.txt', '../evil.txt'],
  ['an absolute path', 'aa/evil.txt', '/tmp/ev.txt'],
  ['a path outside written as Windows writes it', 'aa/evil.txt', '..\\evil.txt'],
])('a bundle with %s is refused, and nothing is written', async (_what, name, evil) => {
  await inTemporaryFolder(async (folder) => {
    const bundle = await writeZip(join(folder, 'bundle.zip'), { ...good, [name]: 'evil' });
    await renameInZip(bundle, name, evil);
    await expect(buildImage(join(folder, 'images'), bundle, 'orders:1')).rejects.toThrow(/can't be unpacked/);
    expect(readdirSync(join(folder, 'images'))).toEqual([]);
    expect(existsSync(join(folder, 'evil.txt'))).toBe(false);
  });
});

test('a bundle with a symbolic link is refused', async () => {
  await inTemporaryFolder(async (folder) => {
    const link = { content: '/etc/passwd', mode: 0o120777 };
    const bundle = await writeZip(join(folder, 'bundle.zip'), { ...good, 'modules/Orders/link': link });
    await expect(buildImage(folder, bundle, 'orders:1')).rejects.toThrow('modules/Orders/link is a link or a device');
  });
});

test.each([
  ['too many files', { files: 2, bytes: 1000 }],
  ['too many bytes', { files: 10, bytes: 100 }],
])('a bundle with %s is refused', async (_what, limits) => {
  await inTemporaryFolder(async (folder) => {
    const bundle = await writeZip(join(folder, 'bundle.zip'), { ...good, 'main.js': 'x'.repeat(100) });
    await expect(unpackBundle(bundle, join(folder, 'out'), limits)).rejects.toThrow(/more than/);
    expect(existsSync(join(folder, 'out'))).toBe(false);
  });
});

test('a bundle whose names differ in case only is refused: on other machines one would hide the other', async () => {
  await inTemporaryFolder(async (folder) => {
    const bundle = await writeZip(join(folder, 'bundle.zip'), { ...good, 'modules/Orders/INDEX.txt': 'two' });
    await expect(buildImage(folder, bundle, 'orders:1')).rejects.toThrow(/in it twice/);
  });
});

test.each([
  ['a file that is no zip', 'no zip at all', /can't be read as a zip/],
  ['a missing file', undefined, /ENOENT/],
])('%s is refused with one sentence', async (_what, content, message) => {
  await inTemporaryFolder(async (folder) => {
    const bundle = join(folder, 'bundle.zip');
    if (content !== undefined) writeFileSync(bundle, content);
    await expect(buildImage(folder, bundle, 'orders:1')).rejects.toThrow(message);
  });
});

test.each([
  ['no Dockerfile', { 'modules/Orders/index.txt': '' }, /has no Dockerfile/],
  ['no modules', { Dockerfile: dockerfile }, /has no modules/],
  [
    'an entry point inside the container only',
    { ...good, Dockerfile: 'FROM a\nWORKDIR /app\nCMD ["node", "/app/main.js"]' },
    /"main\.js"/,
  ],
])('a bundle with %s leaves no image behind', async (_what, files, message) => {
  await inTemporaryFolder(async (folder) => {
    const bundle = await writeZip(join(folder, 'bundle.zip'), files);
    await expect(buildImage(join(folder, 'images'), bundle, 'orders:1')).rejects.toThrow(message);
    expect(await listImages(join(folder, 'images'))).toEqual([]);
  });
});

test.each(['Orders:1', 'orders:', 'orders:1@sha256:00', '../orders:1', ''])(
  '"%s" can not name an image',
  async (reference) => {
    await inTemporaryFolder(async (folder) => {
      const bundle = await writeZip(join(folder, 'bundle.zip'), good);
      await expect(buildImage(folder, bundle, reference)).rejects.toThrow(/can't name an image/);
      expect(await findImage(folder, reference)).toBeUndefined();
    });
  },
);

test('builds at once of the same and of other bundles all succeed, and each tag has its own bundle', async () => {
  await inTemporaryFolder(async (folder) => {
    const images = join(folder, 'images');
    const one = await writeZip(join(folder, 'one.zip'), good);
    const two = await writeZip(join(folder, 'two.zip'), { ...good, 'modules/Orders/index.txt': 'two' });
    const built = await Promise.all(
      [one, two, one, two].map((bundle, index) => buildImage(images, bundle, `orders:${index % 2}`)),
    );
    expect(built[0]?.digest).toBe(built[2]?.digest);
    expect(built[1]?.digest).toBe(built[3]?.digest);
    const found = await findImage(images, 'orders:1');
    expect(readFileSync(join(found?.folder ?? '', 'modules/Orders/index.txt'), 'utf8')).toBe('two');
    expect(readdirSync(images).filter((name) => name.startsWith('.'))).toEqual([]);
  });
});

test('a tag moves to what is built under it, and the image before stays under its digest', async () => {
  await inTemporaryFolder(async (folder) => {
    const images = join(folder, 'images');
    const before = await buildImage(images, await writeZip(join(folder, 'one.zip'), good), 'shop/orders:1.4.2');
    const after = await buildImage(
      images,
      await writeZip(join(folder, 'two.zip'), { ...good, 'main.js': '1' }),
      'shop/orders:1.4.2',
    );
    expect(after.digest).not.toBe(before.digest);
    const registry = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
    expect(await findImage(images, `${registry}/shop/orders:1.4.2`)).toEqual(after);
    expect(await findImage(images, `${registry}/shop/orders@${before.digest}`)).toEqual({ ...before, tagged: false });
    expect(await findImage(images, `other@${before.digest}`)).toBeUndefined();
    expect((await listImages(images)).map((image) => image.tagged)).toEqual([false, true]);
  });
});

test('every module bears a marker that names the release, and a label lists the modules', async () => {
  await inTemporaryFolder(async (folder) => {
    const bundle = await writeZip(join(folder, 'bundle.zip'), { ...good, 'modules/OrdersAPI/index.txt': '' });
    const image = await buildImage(folder, bundle, '000000000000.dkr.ecr.us-east-1.amazonaws.com/orders:1.4.2');
    for (const module of ['Orders', 'OrdersAPI']) {
      const marker = readFileSync(join(image.folder, 'modules', module, releaseMarker), 'utf8');
      expect(marker).toMatch(/^orders:1\.4\.2 sha256:[0-9a-f]{64}\n$/);
    }
    expect(JSON.parse(image.labels['io.cutover.modules'] ?? '')).toEqual(['Orders', 'OrdersAPI']);
  });
});
