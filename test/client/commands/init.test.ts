import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from '../../../client/commands/init';
import { loadSettings } from '../../../settings/load';

const folder = mkdtempSync(join(tmpdir(), 'cutover-init-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('init writes settings that are valid as they stand, and never overwrites any', () => {
  const out = join(folder, 'cutover.yaml');
  init({ out });
  expect(Object.keys(loadSettings(out).zones)).toEqual(['production']);
  writeFileSync(out, 'mine');
  expect(() => init({ out })).toThrow(/exists already and stays as it is/);
  expect(readFileSync(out, 'utf8')).toBe('mine');
});
