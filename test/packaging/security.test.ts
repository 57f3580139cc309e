/** SECURITY.md says what was tried: by tests and readers that there are. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readers } from '../fuzz/readers';
import { brokenLinks, root } from './documents';

interface Area {
  readonly what: string;
  readonly tests: readonly string[];
  readonly fuzzed?: readonly string[];
}
const { areas, pathOf, readOf, rowsIn } = require('../../scripts/attacks.js') as {
  readonly areas: readonly Area[];
  readonly pathOf: (test: string) => string;
  readonly readOf: (area: Area) => readonly string[];
  readonly rowsIn: (text: string) => readonly { readonly what: string; readonly files: readonly string[] }[];
};
const page = readFileSync(join(root, 'SECURITY.md'), 'utf8');

test('every attack that is named is there', () => {
  expect(areas.flatMap(({ tests }) => tests.map(pathOf)).filter((file) => !existsSync(join(root, file)))).toEqual([]);
});

test('every reader that is fuzzed is named, and no other', () => {
  expect(areas.flatMap(({ fuzzed = [] }) => fuzzed).toSorted()).toEqual(readers.map(({ name }) => name).toSorted());
});

test('the table names what is attacked and by which tests: else write it again with "npm run attacks"', () => {
  expect(rowsIn(page)).toEqual(areas.map((area) => ({ what: area.what, files: readOf(area) })));
  expect(page).not.toContain('did not hold');
});

test('every link leads somewhere, and the README leads here', () => {
  expect(brokenLinks('SECURITY.md')).toEqual([]);
  expect(readFileSync(join(root, 'README.md'), 'utf8')).toContain('(SECURITY.md)');
});

test('no address is invented: reports go to the repository', () => {
  expect(page).not.toMatch(/[\w.]+@[\w.]+\.\w+/);
});
