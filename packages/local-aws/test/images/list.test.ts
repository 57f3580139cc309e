/** What a look at the images costs, and that it sees what became of them meanwhile. */
import * as files from 'node:fs/promises';
import { join } from 'node:path';
import { imageFolder, imageList } from '../../src/images/images';
import { makeImage } from '../sample-image';
import { inTemporaryFolder } from '../temporary-folder';

jest.mock('node:fs/promises', () => {
  const real = jest.requireActual<typeof files>('node:fs/promises');
  return { ...real, readFile: jest.fn(real.readFile) };
});
const readFile = jest.mocked(files.readFile);

test.each([10, 1_000])('with %i images a look at the two of one repository reads their tags', async (count) => {
  await inTemporaryFolder(async (folder) => {
    for (let at = 2; at < count; at += 1) await makeImage(folder, `app${at}:1`, '');
    for (const tag of ['1', '2']) await makeImage(folder, `orders:${tag}`, '');
    const list = imageList(folder);
    await Promise.all([list('orders'), list('orders'), list('orders')]);
    // Those that look before the first has an answer read nothing twice either.
    expect(readFile.mock.calls.length).toBe(count + 3 * 2);
    readFile.mockClear();
    expect((await list('orders')).map(({ tag }) => tag)).toEqual(['1', '2']);
    expect(readFile).toHaveBeenCalledTimes(2);
    readFile.mockClear();
  });
});

test('images that come, go and come again, and tags that move, are seen at the next look', async () => {
  await inTemporaryFolder(async (folder) => {
    const list = imageList(folder);
    expect(await list()).toEqual([]);
    await makeImage(folder, 'orders:1', '');
    const [first] = await list('orders');
    expect(first).toMatchObject({ repository: 'orders', tagged: true });
    await files.writeFile(join(folder, 'tags', 'orders', '1'), 'sha256:another');
    expect(await list('orders')).toMatchObject([{ tagged: false }]);
    await files.rm(imageFolder(folder, first?.digest ?? ''), { recursive: true });
    expect(await list()).toEqual([]);
    await makeImage(folder, 'orders:1', '', { builtAt: 1_800_000_000_000 });
    expect(await list('orders')).toMatchObject([{ tagged: true, builtAt: 1_800_000_000_000 }]);
  });
});
