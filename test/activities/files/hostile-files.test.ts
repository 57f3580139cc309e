/** Folders that others write to, as somebody would prepare them who wants a worker to hang, to read elsewhere, or to give up. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answerActivities, writeAnswer } from '../../../activities/files/answers';
import { readAppConfig } from '../../../activities/files/app-config';
import { isResultFile, resultFileOf } from '../../../contract/hook-calls';

const key = 'a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11';
const answer = `${key}_${key}.deploydone`;
let root = '';
const own = (...names: string[]) => join(root, 'config', ...names);
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutover-hostile-'));
  await mkdir(own(key), { recursive: true });
  await writeFile(join(root, 'secret.config'), '<secret/>');
});
afterEach(() => rm(root, { recursive: true, force: true }));
const read = () => readAppConfig(own(), key);
const inTime = () => undefined;

describe('a configuration that is', () => {
  test.each<[string, (file: string) => Promise<unknown> | void, RegExp]>([
    ['a named pipe', (file) => void execFileSync('mkfifo', [file]), /is no plain file/],
    ['a link to a device', (file) => symlink('/dev/zero', file), /is a link/],
    ['a link to a file outside', (file) => symlink(join(root, 'secret.config'), file), /is a link/],
    ['a second name of a file outside', (file) => link(join(root, 'secret.config'), file), /has a second name/],
    ['a link to nothing', (file) => symlink('nowhere', file), /is a link/],
    ['a file of holes', (file) => writeFile(file, '').then(() => truncate(file, 2 ** 40)), /at most 16 MiB/],
  ])('%s is refused at once', async (_, prepare, message) => {
    await prepare(own(key, 'App.config'));
    await expect(read()).rejects.toMatchObject({ type: 'InvalidRequest', message: expect.stringMatching(message) });
  });

  test('another application’s, by a link, is refused', async () => {
    await mkdir(own('other'));
    await writeFile(own('other', 'App.config'), '<other/>');
    await symlink('../other/App.config', own(key, 'App.config'));
    await expect(read()).rejects.toThrow(/is a link/);
  });

  test('below a folder that is a link is refused, and not missing', async () => {
    await rm(own(key), { recursive: true });
    await symlink('/etc', own(key));
    await expect(read()).rejects.toThrow(/is a link/);
  });

  test('exchanged with a link while it is read never gives what lies elsewhere', async () => {
    const file = own(key, 'App.config');
    let over = false;
    const exchange = (async () => {
      while (!over) {
        await symlink(join(root, 'secret.config'), `${file}.new`);
        await rename(`${file}.new`, file);
        await writeFile(`${file}.new`, '<good/>');
        await rename(`${file}.new`, file);
      }
    })();
    const seen = new Set<string>();
    for (let round = 0; round < 300; round++) {
      const content = await read().then(
        (found) => found?.content.toString() ?? 'none',
        (error: Error) => error.message.replace(/^.*(link).*$/, '$1'),
      );
      seen.add(content);
    }
    over = true;
    await exchange;
    expect([...seen].filter((content) => !['<good/>', 'link', 'none'].includes(content))).toEqual([]);
  });
});

describe('an answer is given', () => {
  test.each<[string, (folder: string) => Promise<unknown> | void]>([
    ['a link to an endless device has its name', (folder) => symlink('/dev/zero', join(folder, answer))],
    ['a named pipe has its name', (folder) => void execFileSync('mkfifo', [join(folder, answer)])],
    ['a folder has its name', (folder) => mkdir(join(folder, answer))],
    [
      'a huge file has its name',
      (folder) => writeFile(join(folder, answer), '').then(() => truncate(join(folder, answer), 2 ** 40)),
    ],
    ['a folder is in its way', (folder) => mkdir(join(folder, `.cutover-${answer}.d`, 'more'), { recursive: true })],
  ])('although %s', async (_, prepare) => {
    await prepare(own());
    await writeAnswer(own(), { file: answer, error: 'why' }, inTime);
    expect(JSON.parse(await readFile(own(answer), 'utf8'))).toEqual({ Error: { Message: 'why' } });
    expect((await readdir(own())).toSorted()).toEqual([key, answer].toSorted());
  });

  test('once a folder of its name is empty: what somebody put there is not deleted', async () => {
    const folder = own(answer);
    await mkdir(join(folder, 'more'), { recursive: true });
    await expect(writeAnswer(own(), { file: answer, error: 'why' }, inTime)).rejects.toThrow(/not empty/);
    expect(await readdir(folder)).toEqual(['more']);
    await rm(folder, { recursive: true });
    await writeAnswer(own(), { file: answer, error: 'why' }, inTime);
    expect(JSON.parse(await readFile(own(answer), 'utf8'))).toEqual({ Error: { Message: 'why' } });
  });
});

test.each([
  'x/../../sneaked.txt',
  '../sneaked.txt',
  `${key}_${key}.deploydone/x`,
  `..${answer}`,
  '',
  'App.config',
  7,
  null,
])('an answer to %j is written nowhere, whoever asks for it', async (file) => {
  const folder = { platform: '/shared', mounted: own() };
  const zones = { local: { folders: { target: folder, result: folder, config: folder } } };
  const { writeAnswer: activity } = answerActivities({
    settings: () => ({ zones }) as never,
    inFolder: () => Promise.reject(new Error('it was about to write')),
  });
  const waitsUntil = new Date(Date.now() + 60_000).toISOString();
  const asked = new MockActivityEnvironment().run(activity, 'local', { file: file as string, error: null }, {
    waitsUntil,
  } as never);
  await expect(asked).rejects.toMatchObject({ type: 'InvalidRequest', nonRetryable: true });
});

test('every call’s own answer has a name that is taken', () => {
  const call = { applicationKey: key.toUpperCase(), operationId: key };
  for (const method of ['ContainerBuild', 'ContainerRun', 'UpdateConfigurations', 'ContainerRemove'] as const)
    expect(isResultFile(resultFileOf(method, call))).toBe(true);
});
