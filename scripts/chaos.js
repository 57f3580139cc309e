// Every crash, fault and long walk, on stacks of their own: `npm run chaos [-- words for jest]`. It builds k6 once, in the user's
// cache, by Go from its own module: traffic that nobody here wrote.
const { spawnSync } = require('node:child_process');
const { existsSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..');
const k6 = 'go.k6.io/k6@v1.8.1';

/** The program's path; where it can't be built, a line says why, and the test that needs it says that it isn't run. */
function prepareK6() {
  const folder = join(
    process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'),
    'cutover',
    k6.replaceAll(/[^\w.-]+/g, '-'),
  );
  const program = join(folder, 'k6');
  if (existsSync(program)) return program;
  if (spawnSync('go', ['version']).status !== 0) {
    console.error('\n*** NOT TESTED with k6: Go is not on PATH. ***\n');
    return '';
  }
  console.log(`Building ${k6} into ${folder}`);
  const { status } = spawnSync('go', ['install', k6], { env: { ...process.env, GOBIN: folder }, stdio: 'inherit' });
  if (status === 0) return program;
  console.error('\n*** NOT TESTED with k6: it could not be built. ***\n');
  return '';
}

const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const words = [
  jest,
  '--selectProjects',
  'chaos',
  'temporal',
  'stack',
  '--testTimeout',
  '900000',
  ...process.argv.slice(2),
];
const env = { ...process.env, CHAOS: 'all', K6_PATH: process.env.K6_PATH ?? prepareK6() };
process.exitCode = spawnSync(process.execPath, words, { cwd: root, env, stdio: 'inherit' }).status ?? 1;
