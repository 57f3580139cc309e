/** The house as it stands: no import leads back, no folder is too wide, and its picture is what its imports draw. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../packaging/documents';

test('nothing is wrong with the house, and its picture shows its imports', () => {
  const words = [join(root, 'scripts', 'house.js'), '--check'];
  expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});
