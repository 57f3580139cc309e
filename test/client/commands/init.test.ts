import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askPlatform, init } from '../../../client/commands/init';
import { loadSettings } from '../../../settings/load';

const folder = mkdtempSync(join(tmpdir(), 'cutover-init-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('init writes settings that are valid as they stand, and never overwrites any', () => {
  const out = join(folder, 'cutover.yaml');
  init({ out, platform: 'windows' });
  expect(Object.keys(loadSettings(out).zones)).toEqual(['production']);
  writeFileSync(out, 'mine');
  expect(() => init({ out, platform: 'linux' })).toThrow(/exists already and stays as it is/);
  expect(readFileSync(out, 'utf8')).toBe('mine');
});

test.each(['windows', 'linux'] as const)('what it writes for %s has that platform', (platform) => {
  const out = join(folder, `${platform}.yaml`);
  init({ out, platform });
  expect(loadSettings(out).zones['production']).toMatchObject({
    platform,
    startTimeout: (platform === 'windows' ? 30 : 15) * 60_000,
  });
});

/** Somebody at a terminal who answers so; what was asked is kept. */
function person(answer: string) {
  const asked: string[] = [];
  return { asked, ask: (question: string) => (asked.push(question), Promise.resolve(answer)) };
}

test.each([
  ['', 'windows'],
  ['windows', 'windows'],
  [' Linux ', 'linux'],
])('in a terminal it asks what images are made for: %j is %s', async (answer, platform) => {
  const { ask, asked } = person(answer);
  expect(await askPlatform(ask, true)).toBe(platform);
  expect(asked).toEqual(['Are your images made for windows or linux? [windows] ']);
});

test('an answer that is no platform is refused with those that are', async () => {
  await expect(askPlatform(person('macos').ask, true)).rejects.toThrow(
    'There is no platform macos: choose one of windows and linux.',
  );
});

test('where nobody can be asked, nobody is: it is Windows', async () => {
  const { ask, asked } = person('linux');
  expect(await askPlatform(ask, false)).toBe('windows');
  expect(asked).toEqual([]);
});
