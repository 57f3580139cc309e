/** The records of decisions: numbered without a gap, all of one form, and each in the index. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { brokenLinks, root } from './documents';

const folder = join('docs', 'decisions');
const records = readdirSync(join(root, folder))
  .filter((name) => name !== 'README.md')
  .toSorted();
const read = (name: string) => readFileSync(join(root, folder, name), 'utf8');

const numberOf = (name: string) => Number(/^(\d{4})-[a-z0-9-]+[.]md$/.exec(name)?.[1]);

test('the records are numbered from 1 without a gap', () => {
  expect(records.map(numberOf)).toEqual(records.map((_, index) => index + 1));
});

test.each(records)('%s has a title with its number, then context, decision and consequences', (name) => {
  const headings = [...read(name).matchAll(/^#.*$/gm)].map(([heading]) => heading);
  expect(headings).toEqual([
    expect.stringMatching(`^# ${numberOf(name)}[.] \\S`),
    '## Context',
    '## Decision',
    '## Consequences',
  ]);
});

test('the index lists every record by number and title, in order, each with a sentence', () => {
  const listed = [...read('README.md').matchAll(/^(\d+)[.] \[(.+)\]\((.+)\): .+[.]$/gm)];
  expect(listed.map(([, number, title, file]) => ({ file, title: `# ${number}. ${title}` }))).toEqual(
    records.map((name) => ({ file: name, title: read(name).split('\n')[0] })),
  );
});

test.each(['README.md', ...records])('every link of %s leads somewhere', (name) => {
  expect(brokenLinks(join(folder, name))).toEqual([]);
});
