import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version as published } from '../../../package.json';
import { version } from '../../../settings/version';
import { buildIdOf } from '../../../worker/versions/build-id';
import { formatVerdict } from '../../../worker/versions/upgrade';

const folder = mkdtempSync(join(tmpdir(), 'build-id-'));
afterAll(() => rmSync(folder, { recursive: true }));

function built(code: string): string {
  const path = join(folder, 'bundle.js');
  writeFileSync(path, code);
  return buildIdOf(path);
}

test('the release is the published one', () => expect(version).toBe(published));

test('two workers of one build have one version, and another workflow code has another', () => {
  expect(built('one')).toBe(built('one\n//# sourceMappingURL=elsewhere'.replace('\n', '')));
  expect(built('one')).not.toBe(built('two'));
  expect(built('one')).toMatch(new RegExp(`^${version}-[0-9a-f]{12}$`));
});

test.each([
  [{ version: 'old', objection: null }, 'prod/Bank (blueGreen) goes on'],
  [
    { version: 'old', objection: 'it went another way' },
    'prod/Bank (blueGreen) stays on old, because it went another way',
  ],
  [
    { version: null, objection: 'it went another way' },
    "prod/Bank (blueGreen) can't go on, because it went another way",
  ],
  [{ version: 'new', objection: null }, 'prod/Bank (blueGreen) is with new already'],
])('an operator reads what becomes of a deployment: %j', (found, line) => {
  expect(formatVerdict({ workflowId: 'prod/Bank', runId: '1', type: 'blueGreen', ...found }, 'new')).toBe(line);
});
