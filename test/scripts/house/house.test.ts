/** What scripts/house.js finds wrong with a house, on small ones that are made up. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../../packaging/documents';

let place: string;

beforeEach(() => (place = mkdtempSync(join(tmpdir(), 'cutover-house-'))));
afterEach(() => rmSync(place, { recursive: true, force: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, file)), { recursive: true });
    writeFileSync(join(place, file), text);
  }
}

/** A house in which nothing is wrong. */
const sound = {
  'cutover.ts': `import { names } from './planning/names';\nexport const zones = () => import('./settings/zones.js');\n`,
  'planning/names.ts': `import type { Zone } from '../settings/zones';\nexport const names: Zone[] = [];\n`,
  'settings/zones.ts': `export interface Zone { readonly name: string }\n`,
};

function house(...words: readonly string[]): { readonly status: number | null; readonly said: string } {
  const script = join(root, 'scripts', 'house.js');
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...words, place], { encoding: 'utf8' });
  return { status, said: stdout + stderr };
}

const picture = () => readFileSync(join(place, 'docs', 'images', 'house.svg'), 'utf8');

test('a sound house is drawn, and then its picture is what would be drawn', () => {
  write(sound);
  expect(house()).toEqual({ status: 0, said: '' });
  expect(house('--check')).toEqual({ status: 0, said: '' });
  for (const folder of ['cutover.ts', 'planning/', 'settings/']) expect(picture()).toContain(`>${folder}</text>`);
});

test('only what is imported for its types alone has a dashed arrow', () => {
  write(sound);
  house();
  expect(picture().match(/<path [^>]*marker-end/g)).toHaveLength(3);
  expect(picture().match(/<path [^>]*marker-end[^>]*stroke-dasharray/g)).toHaveLength(1);
});

test('a picture is missing', () => {
  write(sound);
  expect(house('--check')).toEqual({
    status: 1,
    said: expect.stringContaining('house.svg is not what scripts/house.js'),
  });
});

test('a picture is stale once an import has come', () => {
  write(sound);
  house();
  write({ 'planning/names.ts': `import { zone } from '../settings/zones';\nexport const names = [zone];\n` });
  expect(house('--check')).toEqual({
    status: 1,
    said: expect.stringContaining('house.svg is not what scripts/house.js'),
  });
});

test('files that import each other, for types alone too', () => {
  write({
    ...sound,
    'planning/names.ts': `import { rule } from './rules';\nexport type Name = string;\nexport const names = [rule];\n`,
    'planning/rules.ts': `import type { Name } from './names';\nexport const rule: Name = '';\n`,
  });
  expect(house()).toEqual({
    status: 1,
    said: 'Import cycle of 2 files: planning/names.ts → planning/rules.ts → planning/names.ts (types)\n',
  });
});

test.each([
  ['static', `import { names } from '../planning/names';`],
  ['of types', `import type { Name } from '../planning/names';`],
  ['of types, name by name', `import { type Name } from '../planning/names';`],
  ['for its effect', `import '../planning/names';`],
  ['dynamic', `export const names = () => import('../planning/names.js');`],
  ['inside a type', `export type Name = import('../planning/names').Name;`],
  ['exported', `export { names } from '../planning/names';`],
  ['exported whole', `export * from '../planning/names';`],
  ['exported for its types', `export type * from '../planning/names';`],
  ['required', `import names = require('../planning/names');`],
])('folders that import each other, with an import that is %s', (_, text) => {
  write({ ...sound, 'settings/zones.ts': `${text}\nexport interface Zone { readonly name: string }\n` });
  const { status, said } = house();
  expect(status).toBe(1);
  expect(said).toContain('Import cycle of folders (planning, settings)');
  expect(said).toContain('settings/zones.ts imports planning/names.ts');
});

test('what only looks like an import is none', () => {
  const comment = `// import { names } from '../planning/names';\n`;
  const string = `export const text = "import { names } from '../planning/names'";\n`;
  write({ ...sound, 'settings/text.ts': comment + string });
  expect(house()).toEqual({ status: 0, said: '' });
});

test('a package that is imported by its name, and imports back', () => {
  write({
    ...sound,
    'local/stack.ts': `import { ecs } from 'local-aws/ecs';\nexport const stack = ecs;\n`,
    'packages/local-aws/package.json': JSON.stringify({
      name: 'local-aws',
      exports: { './ecs': { types: './lib/src/ecs.d.ts', default: './lib/src/ecs.js' } },
    }),
    'packages/local-aws/src/ecs.ts': `import { stack } from '../../../local/stack';\nexport const ecs = stack;\n`,
  });
  expect(house().said).toContain('packages/local-aws/src/ecs.ts imports local/stack.ts');
  expect(house().said).toContain('local/stack.ts imports packages/local-aws/src/ecs.ts');
});

test('a folder of 17 files, and none of 16', () => {
  const files = (folder: string, count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`${folder}/file-${index}.ts`, 'export {};\n']));
  write({ ...sound, ...files('planning/routing', 17), ...files('planning/release', 16) });
  expect(house()).toEqual({ status: 1, said: 'planning/routing holds 17 files of sources: the most is 16.\n' });
});

test('a folder that nobody has described', () => {
  write({ ...sound, 'cellar/wine.ts': 'export {};\n' });
  expect(house()).toEqual({ status: 1, said: "scripts/house/picture.js doesn't say what cellar is.\n" });
});

test('an import that leads nowhere', () => {
  write({ ...sound, 'planning/rules.ts': `import './gone';\n` });
  expect(house()).toEqual({ status: 1, said: 'planning/rules.ts imports ./gone, which is not there.\n' });
});
