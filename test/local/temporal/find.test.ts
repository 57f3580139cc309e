import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findTemporal, type Download } from '../../../local/temporal/find';
import { inTemporaryFolder } from '../images/bundles';

const failing: Download = async () => {
  throw new Error('the network is down');
};

/** A download that works, but has half a file for a while. */
const working: Download = async (folder) => {
  writeFileSync(join(folder, 'temporal'), 'half');
  await new Promise((resolve) => setImmediate(resolve));
  writeFileSync(join(folder, 'temporal'), 'whole');
  chmodSync(join(folder, 'temporal'), 0o755);
};

test('when nothing works, one sentence says what was tried and what to do, and the cache stays empty', async () => {
  await inTemporaryFolder(async (folder) => {
    const options = { path: '', cacheFolder: join(folder, 'cache'), downloads: [failing, failing] };
    await expect(findTemporal(options)).rejects.toThrow(
      /the network is down; the network is down.*PATH.*TEMPORAL_ADDRESS/s,
    );
    expect(readdirSync(join(folder, 'cache'))).toEqual([]);
  });
});

test('a download that fails falls through to the next, and is mentioned at debug level only', async () => {
  await inTemporaryFolder(async (folder) => {
    const sentences: string[] = [];
    const log = { info: () => undefined, debug: (_facts: object, sentence: string) => sentences.push(sentence) };
    const options = { path: '', cacheFolder: folder, downloads: [failing, working], log };
    expect(readFileSync(await findTemporal(options), 'utf8')).toBe('whole');
    expect(sentences).toHaveLength(1);
  });
});

test('several that look for it at once all get a whole one', async () => {
  await inTemporaryFolder(async (folder) => {
    const options = { path: '', cacheFolder: folder, downloads: [working] };
    const paths = await Promise.all([1, 2, 3, 4].map(async () => await findTemporal(options)));
    expect(new Set(paths).size).toBe(1);
    expect(readFileSync(paths[0] ?? '', 'utf8')).toBe('whole');
    expect(readdirSync(folder)).toHaveLength(1);
  });
});

test('the cache is used again, and one on the PATH comes first, if it can be run', async () => {
  await inTemporaryFolder(async (folder) => {
    const options = { path: '', cacheFolder: join(folder, 'cache'), downloads: [working] };
    const cached = await findTemporal(options);
    const installed = join(folder, 'bin', 'temporal');
    mkdirSync(join(folder, 'bin'));
    writeFileSync(installed, '');
    const asked = { ...options, downloads: [failing], path: `/nowhere:${join(folder, 'bin')}` };
    expect(await findTemporal(asked)).toBe(cached);
    chmodSync(installed, 0o755);
    expect(await findTemporal(asked)).toBe(installed);
    expect(existsSync(cached)).toBe(true);
  });
});
