// Writes the table of SECURITY.md that says what was tried: `npm run attacks` runs the tests that attack, and fuzzes for as long as
// --seconds says (default 60), or reads with --fuzzed what an earlier `npm run fuzz` printed. The numbers are those of that run; a
// test checks that the table names what there is.
const { spawnSync } = require('node:child_process');
const { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join, relative } = require('node:path');
const { parseArgs } = require('node:util');

const root = join(__dirname, '..');
const page = join(root, 'SECURITY.md');
const [begin, end] = ['<!-- written by npm run attacks -->', '<!-- until here -->'];

/** What is attacked: the tests that do it, and the readers that are fuzzed (test/fuzz). */
const areas = [
  {
    what: 'configurations (App.config)',
    tests: ['activities/files/hostile-xml', 'activities/files/configuration'],
    fuzzed: ['configurations', 'good configurations'],
  },
  { what: 'bundles (zip)', tests: ['activities/files/bundle-names', 'activities/builders/index'], fuzzed: ['bundles'] },
  {
    what: 'shared folders',
    tests: ['activities/files/hostile-files', 'activities/files/shared-folder', 'activities/files/answers'],
  },
  { what: 'the platform’s calls', tests: ['hooks/listener', 'hooks/strangers', 'settings/hooks'], fuzzed: ['queries'] },
  { what: 'the page', tests: ['page/strangers', 'page/page'] },
  { what: 'messages of Temporal', tests: ['fuzz/saved'], fuzzed: ['messages'] },
  { what: 'settings', tests: ['settings/load', 'settings/approvals'], fuzzed: ['settings'] },
  {
    what: 'what activities are asked',
    tests: ['activities/forged-inputs', 'activities/aws/held/forged-writes', 'activities/probes/own-routes'],
  },
  { what: 'whoever gates ask', tests: ['activities/gates/judging'] },
  { what: 'probed modules', tests: ['activities/probes/hostile-modules', 'activities/probes/addresses'] },
  { what: 'approvals', tests: ['activities/approvals/keys', 'activities/approvals/tokens', 'client/approvals/sign'] },
  { what: 'the audit trail', tests: ['settings/audit/chain', 'activities/audit/sinks'] },
  {
    what: 'terminals and logs',
    tests: ['terminal/printable', 'client/text/forged-lines', 'scripts/house/lint'],
    fuzzed: ['terminal'],
  },
  {
    what: 'the local stack',
    tests: ['packages/local-aws/test/strangers', 'packages/local-aws/test/protocol/malformed'],
  },
  { what: 'what cutover is made of', tests: ['packaging/supply-chain', 'packaging/compose'] },
];

const pathOf = (test) => `${test.startsWith('packages/') ? '' : 'test/'}${test}.test.ts`;
const readOf = (area) => area.tests.map(pathOf).filter((file) => existsSync(join(root, file)));

/** Tests that passed and failed, by file. */
function runTests() {
  const folder = mkdtempSync(join(tmpdir(), 'cutover-attacks-'));
  const results = join(folder, 'results.json');
  const words = ['--json', '--outputFile', results, '--runTestsByPath', ...areas.flatMap(readOf)];
  spawnSync(process.execPath, [join(root, 'node_modules', 'jest', 'bin', 'jest.js'), ...words], {
    cwd: root,
    stdio: 'inherit',
  });
  const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
  rmSync(folder, { recursive: true });
  const counted = testResults.map(({ name, assertionResults }) => {
    const count = (wanted) => assertionResults.filter(({ status }) => status === wanted).length;
    return [relative(root, name), { passed: count('passed'), failed: count('failed') }];
  });
  return Object.fromEntries(counted);
}

/** Inputs by reader, as `npm run fuzz` prints them. */
function fuzzedInputs({ fuzzed, seconds }) {
  const printed =
    fuzzed === undefined
      ? spawnSync(process.execPath, [join(__dirname, 'fuzz.js'), '--seconds', seconds], { cwd: root, encoding: 'utf8' })
          .stdout
      : readFileSync(fuzzed, 'utf8');
  return Object.fromEntries(
    [...printed.matchAll(/^ *(\d+) {2}(.+)$/gm)].map(([, count, reader]) => [reader, Number(count)]),
  );
}

const number = (count) => count.toLocaleString('en-US');

/** @returns the table's lines */
function table(tests, inputs) {
  const rows = areas.map((area) => {
    const files = readOf(area);
    const sum = (what) => files.reduce((total, file) => total + (tests[file]?.[what] ?? 0), 0);
    const tried = (area.fuzzed ?? []).reduce((total, reader) => total + (inputs[reader] ?? 0), 0);
    const held = sum('failed') === 0 ? 'held' : `${sum('failed')} did not hold`;
    const links = files.map((file) => `[${file.split('/').at(-1).replace('.test.ts', '')}](${file})`).join(', ');
    return `| ${area.what} | ${links} | ${number(sum('passed') + sum('failed'))} | ${area.fuzzed ? number(tried) : ''} | ${held} |`;
  });
  return ['| what is attacked | by | tests | inputs made up | result |', '| --- | --- | ---: | ---: | --- |', ...rows];
}

/** The rows of the page's table: what is attacked, and by which files. */
function rowsIn(text) {
  const written = text.slice(text.indexOf(begin), text.indexOf(end));
  return [...written.matchAll(/^\| (?!what is|---)([^|]+?) *\| ([^|]+)\|/gm)].map(([, what, by]) => ({
    what,
    files: [...by.matchAll(/\]\(([^)]+)\)/g)].map(([, file]) => file),
  }));
}

module.exports = { areas, pathOf, readOf, rowsIn };

if (require.main === module) {
  const { values } = parseArgs({ options: { seconds: { type: 'string', default: '60' }, fuzzed: { type: 'string' } } });
  const inputs = fuzzedInputs(values);
  const lines = table(runTests(), inputs);
  const text = readFileSync(page, 'utf8');
  const [before, after] = [text.slice(0, text.indexOf(begin) + begin.length), text.slice(text.indexOf(end))];
  writeFileSync(page, `${before}\n\n${lines.join('\n')}\n\n${after}`);
  spawnSync(process.execPath, [join(root, 'node_modules', 'prettier', 'bin', 'prettier.cjs'), '--write', page], {
    stdio: 'inherit',
  });
}
