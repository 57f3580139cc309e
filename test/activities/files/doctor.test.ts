/** What `doctor` says of a zone's folders and builder: what is wrong, and what to do. */
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkFiles, type CheckedZone } from '../../../activities/files/doctor';

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutover-doctor-'));
  for (const name of ['target', 'result', 'config']) await mkdir(join(root, name));
});
afterEach(() => rm(root, { recursive: true, force: true }));

const folder = (name: string) => ({ platform: `/shared/${name}`, mounted: join(root, name) });
const builder = (...command: string[]) =>
  ({
    kind: 'command',
    command,
    environment: {},
    inherit: [] as string[],
    repository: '{key}',
    timeout: 1,
    maximumMebibytes: 1,
  }) as const;
const zone = (changes: Partial<CheckedZone> = {}): CheckedZone => ({
  folders: { target: folder('target'), result: folder('result'), config: folder('config') },
  builder: builder(process.execPath),
  ...changes,
});
const problems = async (checked: CheckedZone) =>
  (await checkFiles(checked))
    .filter(({ state }) => state !== 'ok')
    .map(({ check, says, next }) => `${check}: ${says} ${next}`);

test('a zone that the platform does not call has nothing to look at', async () => {
  expect(await checkFiles({})).toEqual([]);
});

test('folders as they should be are told so, and nothing is left in them', async () => {
  const found = await checkFiles(zone());
  expect(found.map(({ check, state }) => `${check} ${state}`)).toEqual([
    'folders.target ok',
    'folders.result ok',
    'folders.config ok',
    'builder ok',
  ]);
  expect(await readdir(join(root, 'result'))).toEqual([]);
});

test('a folder that is not mounted, or is a file, is told with what to do', async () => {
  await rm(join(root, 'target'), { recursive: true });
  await rm(join(root, 'result'), { recursive: true });
  await writeFile(join(root, 'result'), '');
  expect(await problems(zone())).toEqual([
    expect.stringMatching(
      /^folders\.target: .*ENOENT.* Mount the share where the worker runs, or correct folders\.target/,
    ),
    expect.stringMatching(/^folders\.result: .*ENOTDIR.* Mount the share where the worker runs/),
  ]);
});

test('a folder that the platform makes as it first publishes is no error, but a share that is not there is one', async () => {
  await rm(join(root, 'result'), { recursive: true });
  const isToCome = { check: 'folders.result', state: 'warning', next: expect.stringMatching(/^The platform makes it/) };
  expect(await checkFiles(zone())).toContainEqual(expect.objectContaining(isToCome));
  await rm(root, { recursive: true });
  const away = { check: 'folders.result', state: 'error', next: expect.stringMatching(/^Mount the share/) };
  expect(await checkFiles(zone())).toContainEqual(expect.objectContaining(away));
});

test.each([
  [undefined, /the zone names none Say in "builder" who makes images/],
  [builder('no-such-program'), /no-such-program is no program that the worker could run Install it/],
  [builder(tmpdir()), /is no program/],
])('a zone whose builder can’t be started: %j', async (given, sentence) => {
  const { builder: _, ...rest } = zone();
  expect(await problems({ ...rest, ...(given && { builder: given }) })).toEqual([expect.stringMatching(sentence)]);
});
