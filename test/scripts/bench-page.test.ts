/** docs/performance.md, as `npm run bench` writes it from what was measured, at once or in pieces. */
import { mkdtemp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const { writePage } = jest.requireActual<{ writePage: (results: object, root: string) => void }>(
  '../../scripts/bench/page',
);

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cutover-bench-page-'));
  await mkdir(join(root, 'docs'));
  await mkdir(join(root, 'bench'));
  await writeFile(join(root, 'bench', 'results.json'), '{}');
});
afterEach(() => rm(root, { recursive: true }));

const machine = { cores: 2, node: 'v24.0.0', loadBefore: 0.3 };
const crash = { ...machine, missed: true, lines: [{ phase: 'start', medianS: 5.2, limits: { medianS: 2 } }] };
const overload = {
  ...machine,
  missed: false,
  lines: [10, 100].map((deployments) => ({ deployments, allPlannedS: 3 })),
};

test('what misses its limit says what limits it, and what was not measured is named', async () => {
  writePage({ crash }, root);
  const page = await readFile(join(root, 'docs', 'performance.md'), 'utf8');
  expect(page).toMatch(/\*\*It misses its limit\.\*\* In start, Temporal notices/);
  expect(page).toMatch(/\| start +\| 5\.2 +\| 2 +\|/);
  expect(page).toMatch(/^Not measured: Beside other ways to do the same change, .*Starts/m);
});

test('what keeps its limit says nothing of it, and has its picture', async () => {
  writePage({ overload }, root);
  const page = await readFile(join(root, 'docs', 'performance.md'), 'utf8');
  expect(page).not.toContain('misses its limit');
  expect(page).toContain('(images/performance/overload.svg)');
  expect(await readFile(join(root, 'docs', 'images', 'performance', 'overload.svg'), 'utf8')).toContain('at once');
});
