// Measures what the service exists for: `npm run bench [-- --quick] [-- --only comparison,waiting]`. Each part is a program of its own
// that prints JSON lines, and compares within itself. What isn't quick goes into bench/results.json, docs/performance.md and its
// pictures, part by part, so that a run that was stopped goes on with --only. Ends with status 1 where a part misses its limit.
const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync, writeFileSync } = require('node:fs');
const { cpus, loadavg } = require('node:os');
const { delimiter, join } = require('node:path');
const { parseArgs } = require('node:util');
const { prepare } = require('../packages/local-aws/scripts/python-environment');
const { parts } = require('./bench/parts');
const { writePage } = require('./bench/page');

const root = join(__dirname, '..');
const file = join(root, 'bench', 'results.json');

function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
  const only = values.only?.split(',');
  const unknown = only?.find((name) => !parts.some((part) => part.name === name));
  if (unknown !== undefined)
    throw new Error(`--only has "${unknown}"; the parts are ${parts.map(({ name }) => name).join(', ')}.`);
  const wanted = parts.filter(({ name, quick }) => (only ? only.includes(name) : !values.quick || quick !== undefined));
  const path = [clients(), process.env.PATH].filter(Boolean).join(delimiter);
  for (const part of wanted) {
    const measured = measure(part, values.quick ? (part.quick ?? []) : [], path);
    if (measured.missed) process.exitCode = 1;
    if (!values.quick && measured.lines.length > 0) add(part.name, measured);
  }
}

/** Runs a part, and shows what it prints. */
function measure({ name, package: folder = '', program }, words, path) {
  const load = Math.round(loadavg()[0] * 10) / 10;
  const { status, stdout } = spawnSync(process.execPath, [join(root, folder, 'lib', 'bench', program), ...words], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: path },
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
  process.stdout.write(lines.map((line) => `${name} ${line}\n`).join(''));
  if (status !== 0) console.error(`\n*** ${name} missed its limit, or failed (${status}). ***\n`);
  const machine = { cores: cpus().length, node: process.version, loadBefore: load };
  return { ...machine, missed: status !== 0, lines: lines.map((line) => JSON.parse(line)) };
}

/** Among what other parts measured, here or in a run before. */
function add(name, measured) {
  const before = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {};
  const results = { ...before, [name]: measured };
  writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`);
  writePage(results, root);
}

/** The folder of other people's clients, which the comparison runs; made once. */
function clients() {
  const requirements = join(root, 'test', 'suites', 'conformance', 'clients.txt');
  const folder = prepare({ requirements, tools: 'the AWS CLI and ecs-deploy' });
  return folder && join(folder, 'bin');
}

try {
  main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
