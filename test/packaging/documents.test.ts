/** What the documents promise: links lead somewhere, commands exist, and every block says whether a test runs it. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSettings } from '../../settings/load';
import { blocksOf, brokenLinks, documents, root } from './documents';

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};

test('the diagrams are what the script draws', () => {
  const words = [join(root, 'scripts', 'diagrams.js'), '--check'];
  expect(spawnSync(process.execPath, words, { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
});

test('the settings in README.md are settings', () => {
  const [, settings = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  expect(Object.keys(parseSettings(settings, 'README.md').zones)).toEqual(['production']);
});

test.each(documents)('every link of %s leads somewhere', (file) => {
  expect(brokenLinks(file)).toEqual([]);
});

test.each(documents)('every script that %s names is there', (file) => {
  const named = [...readFileSync(join(root, file), 'utf8').matchAll(/npm run ([a-z][\w:-]*)/g)].map(
    ([, name = '']) => name,
  );
  expect(named.filter((name) => !(name in scripts))).toEqual([]);
});

// The README's blocks are what everything starts with: `npm ci`, the demo, the tests.
test.each(documents.filter((file) => file !== 'README.md'))(
  'every block of commands in %s is run, or says why not',
  (file) => {
    const unmarked = blocksOf(file).filter(
      ({ mark }) => !/^(run: (stack|aws)|not run here: .{10,})$/s.test(mark ?? ''),
    );
    expect(unmarked.map(({ line, commands }) => `${line}: ${commands}`)).toEqual([]);
  },
);
