// Measures what the service exists for: `npm run bench [-- --quick] [-- --only comparison,waiting]`. Each part is a program of its own
// that prints JSON lines. A whole run writes bench/results.json, docs/performance.md and its pictures; any other only prints.
// Ends with status 1 where a part misses its limit.
const { spawnSync } = require('node:child_process');
const { writeFileSync } = require('node:fs');
const { cpus } = require('node:os');
const { delimiter, join } = require('node:path');
const { parseArgs } = require('node:util');
const { prepare } = require('../packages/local-aws/scripts/python-environment');
const { parts } = require('./bench/parts');
const { describePerformance } = require('./bench/page');

const root = join(__dirname, '..');

function main() {
  const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
  const only = values.only?.split(',');
  const wanted = parts.filter(({ name, quick }) => (only ? only.includes(name) : !values.quick || quick !== undefined));
  const measured = {};
  for (const { name, package: folder = '', program, quick = [] } of wanted) {
    const words = [join(root, folder, 'lib', 'bench', program), ...(values.quick ? quick : [])];
    const { status, stdout } = spawnSync(process.execPath, words, {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, PATH: [clients(), process.env.PATH].filter(Boolean).join(delimiter) },
      maxBuffer: 2 ** 28,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines = stdout.split('\n').filter((line) => line.startsWith('{'));
    process.stdout.write(lines.map((line) => `${name} ${line}\n`).join(''));
    if (status !== 0) console.error(`\n*** ${name} missed its limit, or failed (${status}). ***\n`);
    process.exitCode ||= status ?? 1;
    measured[name] = lines.map((line) => JSON.parse(line));
  }
  if (values.quick || only) return;
  const results = { machine: { cores: cpus().length, node: process.version }, measured };
  writeFileSync(join(root, 'bench', 'results.json'), `${JSON.stringify(results, null, 2)}\n`);
  describePerformance(results, root);
}

/** The folder of other people's clients, which the comparison runs; made once. */
function clients() {
  const requirements = join(root, 'test', 'suites', 'conformance', 'clients.txt');
  const folder = prepare({ requirements, tools: 'the AWS CLI and ecs-deploy' });
  return folder && join(folder, 'bin');
}

main();
