/** A process that runs for long reads the settings again once they have changed. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { settingsReader } from '../../settings/load';
import { zone } from './minimal';

const folder = mkdtempSync(join(tmpdir(), 'settings-'));
afterAll(() => rmSync(folder, { recursive: true }));
const file = join(folder, 'cutover.yaml');

test('what is written anew holds at once, and what stays is read once', () => {
  writeFileSync(file, zone);
  const read = settingsReader(file);
  const first = read();
  expect(read()).toBe(first);
  writeFileSync(file, `defaultZone: production\n${zone}`);
  expect(read()).toMatchObject({ defaultZone: 'production' });
});

test('a file that can not be used says so until it is mended', () => {
  writeFileSync(file, zone);
  const read = settingsReader(file);
  read();
  writeFileSync(file, 'zones: 12');
  expect(read).toThrow(/cutover\.yaml:1: zones/);
  expect(read).toThrow(/cutover\.yaml:1: zones/);
  rmSync(file);
  expect(read).toThrow(/there's no such file/);
  writeFileSync(file, zone);
  expect(read().zones['production']).toBeDefined();
});
