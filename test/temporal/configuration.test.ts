import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { temporalConfiguration } from '../../temporal/configuration';

const folder = mkdtempSync(join(tmpdir(), 'cutover-profile-'));
afterAll(() => {
  delete process.env['TEMPORAL_CONFIG_FILE'];
  rmSync(folder, { recursive: true });
});

test.each(['', '[profile]', 'not = [toml', 'profile = 1'])(
  'a profile file that says %j is told as such, or asks for nothing',
  async (text) => {
    const file = join(folder, 'temporal.toml');
    writeFileSync(file, text);
    process.env['TEMPORAL_CONFIG_FILE'] = file;
    try {
      expect((await temporalConfiguration()).namespace).toBe('default');
    } catch (error) {
      expect((error as Error).message).toMatch(
        /^The Temporal profile can't be read \(TEMPORAL_CONFIG_FILE, TEMPORAL_PROFILE\): /,
      );
    }
  },
);
