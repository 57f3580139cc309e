import { mkdtemp, readdir, readFile, rm, symlink, writeFile, chmod, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { contentOf, makeBesideOthers, writeAnswer } from '../../../activities/files/answers';
import { readAppConfig } from '../../../activities/files/app-config';
import { findIn, RefusedPath } from '../../../activities/files/shared-folder';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-answers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const file = 'key_operation.deploydone';
const inTime = () => undefined;
const written = () => readFile(join(folder, file), 'utf8');

test('success is an empty file, an error is what Service Center reads, and nothing else is left', async () => {
  await writeAnswer(folder, { file, error: null }, inTime);
  expect(await written()).toBe('');
  await writeAnswer(folder, { file, error: 'Orders "failed" – twice' }, inTime);
  expect(JSON.parse(await written())).toEqual({ Error: { Message: 'Orders "failed" – twice' } });
  expect(await readdir(folder)).toEqual([file]);
});

test('an error stays below what Service Center shows', () => {
  const { Error: told } = JSON.parse(contentOf({ error: 'x'.repeat(10_000) })) as { Error: { Message: string } };
  expect(told.Message.length).toBeLessThan(2_000);
});

test('nobody ever sees a part of an answer, however often it is written again', async () => {
  const seen = new Set<string>();
  let over = false;
  const watch = (async () => {
    while (!over) seen.add(await written().catch(() => 'not there'));
  })();
  const long = 'a reason '.repeat(150);
  for (let round = 0; round < 20; round++) await writeAnswer(folder, { file, error: `${long}${round % 2}` }, inTime);
  over = true;
  await watch;
  const whole = ['not there', contentOf({ error: `${long}0` }), contentOf({ error: `${long}1` })];
  expect([...seen].filter((content) => !whole.includes(content))).toEqual([]);
});

test('what comes too late is not written, and leaves nothing', async () => {
  const late = () => {
    throw new Error('too late');
  };
  await expect(writeAnswer(folder, { file, error: null }, late)).rejects.toThrow('too late');
  expect(await readdir(folder)).toEqual([]);
});

test('what a killed attempt left is cleared away, and an answer that is there is left alone', async () => {
  await writeFile(join(folder, `.cutover-${file}.half`), '{"Err');
  await writeAnswer(folder, { file, error: 'why' }, inTime);
  expect(await readdir(folder)).toEqual([file]);
  const neverAgain = () => {
    throw new Error('written again');
  };
  await writeAnswer(folder, { file, error: 'why' }, neverAgain);
});

test('a folder that is missing or a file is an error, so that it is tried again', async () => {
  await expect(writeAnswer(join(folder, 'away'), { file, error: null }, inTime)).rejects.toThrow(/ENOENT/);
  await writeFile(join(folder, 'plain'), '');
  await expect(writeAnswer(join(folder, 'plain'), { file, error: null }, inTime)).rejects.toThrow(/ENOTDIR/);
  if (process.getuid?.() === 0) return;
  await chmod(folder, 0o500);
  await expect(writeAnswer(folder, { file, error: null }, inTime)).rejects.toThrow(/EACCES/);
});

describe('the folder for answers, before the platform has published anything', () => {
  const shared = (names: { readonly target: string; readonly result: string }) => {
    const at = (name: string) => ({ platform: `D:\\${name}`, mounted: join(folder, name) });
    return { target: at(names.target), result: at(names.result), config: at('config') };
  };

  test('is made beside the one that the bundle is in, once, however its name ends', async () => {
    await mkdir(join(folder, 'target'));
    for (const result of ['result', 'result/'])
      await makeBesideOthers(shared({ target: 'target', result })).then(() =>
        writeAnswer(join(folder, 'result'), { file, error: null }, inTime),
      );
    expect(await readdir(join(folder, 'result'))).toEqual([file]);
  });

  test.each([
    ['no share is mounted', { target: 'target', result: 'result' }],
    ['it is in another place', { target: 'target', result: 'elsewhere/result' }],
    ['all are one folder, which the platform has not made', { target: 'config', result: 'config' }],
  ])('is not made where %s', async (_, names) => {
    if (names.result.includes('/')) await mkdir(join(folder, 'target'));
    await makeBesideOthers(shared(names));
    await expect(readdir(join(folder, names.result))).rejects.toThrow(/ENOENT/);
  });

  test('may be that of bundles and configurations: none is in the other’s way', async () => {
    const { key, operation } = { key: '0c4a5b6e', operation: '9b0a3c52' };
    const answer = `${key}_${operation}.deploydone`;
    await mkdir(join(folder, key));
    await writeFile(join(folder, key, 'App.config'), '<configuration/>');
    await writeFile(join(folder, `${key}_${operation}.zip`), 'bundle');
    await writeAnswer(folder, { file: answer, error: null }, inTime);
    expect(await readAppConfig(folder, key)).toMatchObject({ content: Buffer.from('<configuration/>') });
    expect(await findIn(folder, `${key}_${operation}.zip`)).toBeDefined();
    expect((await readdir(folder)).toSorted()).toEqual([key, answer, `${key}_${operation}.zip`].toSorted());
  });
});

describe('a shared folder', () => {
  test('names compare without case, as the platform’s file systems have it', async () => {
    await mkdir(join(folder, 'ABC'));
    await writeFile(join(folder, 'ABC', 'App.Config'), '<a/>');
    expect(await findIn(folder, 'abc', 'app.config')).toMatch(/ABC\/App\.Config$/);
    expect(await findIn(folder, 'abc', 'other')).toBeUndefined();
    expect(await findIn(join(folder, 'away'), 'abc')).toBeUndefined();
  });

  test.each(['..', '.', '', 'a/b', 'a\\b', 'a\0b'])('%j is no name', async (name) => {
    await expect(findIn(folder, name)).rejects.toBeInstanceOf(RefusedPath);
  });

  test('what is a link is refused, and so is what lies behind one', async () => {
    await mkdir(join(folder, 'in'));
    await writeFile(join(folder, 'in', 'real.zip'), '');
    await symlink(join(folder, 'in', 'real.zip'), join(folder, 'linked.zip'));
    await expect(findIn(folder, 'linked.zip')).rejects.toThrow(/is a link/);
    await symlink('/etc', join(folder, 'etc'));
    await expect(findIn(folder, 'etc', 'passwd')).rejects.toThrow(/is a link/);
    await expect(findIn(folder, 'etc', 'App.config')).rejects.toThrow(/is a link/);
  });
});
