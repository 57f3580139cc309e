// Tests the local AWS with other people's tools: `npm run conformance [-- --seed N]`. Makes a virtual environment with boto3,
// the AWS CLI and moto in the user's cache, once, and runs the conformance tests in full.
//
// `npm run conformance -- --real [--vpc ID --subnets ID,ID --security-group ID]` runs the control-plane part against the
// account of the environment instead, and prints the differences from what is expected of the local AWS. No test runs this.
const { spawnSync } = require('node:child_process');
const { readFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { parseArgs } = require('node:util');
const { prepare } = require('./python-environment');

const root = join(__dirname, '..');
const folder = join(root, 'test', 'conformance');
const environment = { requirements: join(folder, 'requirements.txt'), tools: 'boto3, the AWS CLI and moto' };

function main() {
  const text = { type: 'string' };
  const { values } = parseArgs({
    options: { real: { type: 'boolean' }, seed: text, vpc: text, subnets: text, 'security-group': text },
  });
  const venv = prepare(environment);
  if (venv === undefined) process.exitCode = 1;
  if (values.real) return venv === undefined ? undefined : real(venv, values);
  const env = { ...process.env, CONFORMANCE: 'full', ...(values.seed ? { CONFORMANCE_SEED: values.seed } : {}) };
  const jest = join(dirname(require.resolve('jest/package.json')), 'bin', 'jest.js');
  const { status } = spawnSync(process.execPath, [jest, '--selectProjects', 'conformance'], {
    cwd: root,
    env,
    stdio: 'inherit',
  });
  process.exitCode ||= status ?? 1;
}

function real(venv, values) {
  console.log(
    'Against the account of the environment: an idle Application Load Balancer for some minutes (a few cents), an empty\n' +
      'cluster, a service of no tasks, two target groups, an alarm. Everything is named conform-… and deleted at the end.',
  );
  const words = ['vpc', 'subnets', 'security-group'].flatMap((name) =>
    values[name] ? [`--${name}`, values[name]] : [],
  );
  const options = { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] };
  const { stdout, status } = spawnSync(
    join(venv, 'bin', 'python'),
    [join(folder, 'control_plane.py'), ...words],
    options,
  );
  const outcomes = Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line)),
  );
  const wanted = JSON.parse(readFileSync(join(folder, 'control-plane.json'), 'utf8'));
  const steps = [...new Set([...Object.keys(wanted), ...Object.keys(outcomes)])];
  const differing = steps.filter((step) => JSON.stringify(wanted[step]) !== JSON.stringify(outcomes[step]));
  for (const step of differing) {
    console.log(
      `${step}\n  local AWS: ${JSON.stringify(wanted[step])}\n  AWS:       ${JSON.stringify(outcomes[step])}`,
    );
  }
  console.log(`${steps.length - differing.length} of ${steps.length} steps are the same.`);
  process.exitCode ||= status !== 0 || differing.length > 0 ? 1 : 0;
}

main();
