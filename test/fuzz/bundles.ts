/** Bundles: a zip unpacks into its folder and nowhere else, within its limits, or is refused in a sentence. */
import fc from 'fast-check';
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { unpackBundle } from '../../activities/files/unpack';
import { expectSentence, type Reader } from './reader';
import { zipOf, type ZipEntry } from './zips';

const part = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom('modules', 'Modules', 'Orders', 'orders', 'x', 'Dockerfile', 'index.html') },
  {
    weight: 2,
    arbitrary: fc.constantFrom('..', '.', '', 'CON', 'nul.txt', 'a.', 'a ', 'a:b', 'café', 'cafe\u0301', '\u0000'),
  },
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const name = fc
  .tuple(fc.array(part, { minLength: 1, maxLength: 5 }), fc.constantFrom('/', '/', '\\'), fc.constantFrom('', '', '/'))
  .map(([parts, separator, end]) => `${parts.join(separator)}${end}`);
const number = fc.oneof(fc.nat(300), fc.constantFrom(0xffff, 0xffffffff, 0x7fffffff, 0x80000000));
const entry: fc.Arbitrary<ZipEntry> = fc.record({
  name,
  content: fc.oneof(
    fc.string({ maxLength: 40 }),
    fc.nat(3000).map((length) => '0'.repeat(length)),
  ),
  deflated: fc.boolean(),
  mode: fc.constantFrom(0, 0o100644, 0o100755, 0o040755, 0o120777, 0o010644, 0o020666, 0o060666, 0o140777, 0o104755),
  lies: fc.oneof(
    { weight: 3, arbitrary: fc.constant({}) },
    fc.record(
      {
        localName: name,
        size: number,
        packedSize: number,
        crc: number,
        offset: number,
        flags: fc.constantFrom(0, 1, 8, 0x800, 0x2000, 0xffff),
        method: fc.constantFrom(0, 8, 9, 99),
      },
      { requiredKeys: [] },
    ),
  ),
});
const change = fc.tuple(fc.nat(20_000), fc.nat(255));
const zip = fc
  .record({
    entries: fc.array(entry, { maxLength: 6 }),
    count: fc.option(number, { nil: undefined }),
    changes: fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, fc.array(change, { maxLength: 4 })),
    cut: fc.option(fc.nat(2_000), { nil: undefined, freq: 10 }),
  })
  .map(({ entries, count, changes, cut }) => {
    const made = zipOf(entries, count);
    for (const [at, value] of changes) made.writeUInt8(value, at % made.length);
    return cut === undefined ? made : made.subarray(0, cut);
  });

const limits = { files: 20, bytes: 4_000 };

export const bundles: Reader<Buffer> = {
  name: 'bundles',
  tries: 'zips: names, links, devices, sizes, sums, offsets and counts that lie; damaged anywhere; cut off',
  inputs: fc.oneof(
    { weight: 9, arbitrary: zip },
    fc.uint8Array({ maxLength: 300 }).map((raw) => Buffer.from(raw)),
  ),
  async holds(content) {
    const folder = await mkdtemp(join(tmpdir(), 'cutover-fuzz-'));
    try {
      await writeFile(join(folder, 'a.zip'), content);
      const message = await unpackBundle(join(folder, 'a.zip'), join(folder, 'out'), limits).catch(
        (error: Error) => error.message,
      );
      await expectInside(folder);
      if (message === undefined) return;
      expectSentence(message);
      if (!/can't be (read as a zip|unpacked): /.test(message)) throw new Error(`refused otherwise: ${message}`);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

/** Only the zip and what came out of it, plain files and folders, within the limits. */
async function expectInside(folder: string): Promise<void> {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = found.map((one) => ({ path: relative(folder, join(one.parentPath, one.name)), one }));
  const inside = paths.filter(({ path }) => path.startsWith(join('out', '')) && path !== 'out');
  const sizes = await Promise.all(inside.map(async ({ path }) => await lstat(join(folder, path))));
  const bytes = sizes.reduce((sum, stat) => sum + (stat.isFile() ? stat.size : 0), 0);
  const elsewhere = paths.filter(({ path }) => !['a.zip', 'out'].includes(path) && !path.startsWith(join('out', '/')));
  if (elsewhere.length > 0) throw new Error(`outside of its folder: ${elsewhere.map(({ path }) => path).join()}`);
  if (sizes.some((stat) => !stat.isFile() && !stat.isDirectory())) throw new Error('neither a file nor a folder');
  if (sizes.some((stat) => (stat.mode & 0o7000) !== 0)) throw new Error('a file with more than permissions');
  if (inside.length > limits.files || bytes > limits.bytes) throw new Error(`${inside.length} files, ${bytes} bytes`);
}
