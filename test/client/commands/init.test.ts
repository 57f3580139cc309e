import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from '../../../client/commands/init';
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
