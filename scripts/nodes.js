// `npm run nodes`: a sample of the tests, the command line, and a whole deployment, with each version of Node.js that is maintained.
// `-- --sample` is for CI: fewer tests, no deployment. The programs come from the npm registry into the user's cache, once; what can't
// be fetched is said in one line.
const childProcess = require('node:child_process');
const { existsSync, mkdirSync, renameSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');
const { promisify } = require('node:util');

const execFile = promisify(childProcess.execFile);
const root = join(__dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover', 'nodes');
const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
const cutover = join(root, 'bin', 'cutover.js');
const example = join(root, 'docs', 'operations', 'cutover.example.yaml');

/** One of each line; the oldest is the oldest that package.json takes, or newer. */
const versions = ['20.20.2', '22.23.5', '24.22.3'];
const isSample = process.argv.includes('--sample');
/** Decisions, settings, files, processes, HTTP and TLS, and what the package loads when it starts. */
const tests = isSample
  ? ['test/planning/routing', 'test/hooks/listener', 'test/settings/reread']
  : ['test/planning/routing', 'test/settings', 'test/hooks', 'test/packaging/package'];
/** With its worker, the load balancer and the traffic, all of that version. */
const deployment = ['test/suites/e2e/update-configuration'];

/** The program, or `undefined` with a line that says why there is none. */
async function fetchNode(version) {
  if (process.version === `v${version}`) return process.execPath;
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const place = join(cache, version);
  const program = join(place, process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(place, { recursive: true });
  try {
    const words = ['pack', '--silent', '--pack-destination', place, `${name}@${version}`];
    const { stdout } = await execFile('npm', words);
    await execFile('tar', ['-xzf', join(place, stdout.trim()), '-C', place]);
    renameSync(join(place, 'package', 'bin', 'node'), program);
    return program;
  } catch (error) {
    const [why] = error.message.split('\n');
    console.error(`*** NOT TESTED with Node.js ${version}: ${name} can't be fetched: ${why} ***`);
    return undefined;
  }
}

/** @returns what became of it; `said` is all that it printed */
function run(program, words, env = {}) {
  return new Promise((resolve) => {
    const child = childProcess.spawn(program, words, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => (said += part));
    child.on('close', (code) => resolve({ code, said }));
  });
}

/** What is run with each: its name, and whether it went as it should. */
const steps = [
  {
    name: 'it starts',
    run: async (program) => await run(program, [cutover, '--version']),
    isRight: ({ code, said }) => code === 0 && /^\d+\.\d+\.\d+\n$/.test(said),
  },
  {
    name: 'doctor asks for Temporal, which is not there',
    run: async (program) =>
      await run(program, [cutover, 'doctor', '--settings', example], { TEMPORAL_ADDRESS: '127.0.0.1:9' }),
    isRight: ({ code, said }) => code === 1 && /Temporal can't be reached at 127\.0\.0\.1:9/.test(said),
  },
  {
    name: 'tests that need no stack',
    run: async (program) => await run(program, [jest, '--selectProjects', 'unit', 'integration', '--', ...tests]),
    isRight: ({ code }) => code === 0,
  },
  ...(isSample
    ? []
    : [
        {
          name: 'a deployment under traffic',
          run: async (program) => await run(program, [jest, '--selectProjects', 'stack', '--', ...deployment]),
          isRight: ({ code, said }) => code === 0 && /Tests:.*\d passed/.test(said),
        },
      ]),
];

/** @returns whether all went as it should */
async function passes(version) {
  const program = await fetchNode(version);
  if (program === undefined) return true;
  const start = performance.now();
  const outcomes = await inTurn(steps, async (step) => ({ step, outcome: await step.run(program) }));
  const seconds = Math.round((performance.now() - start) / 1_000);
  const wrong = outcomes.filter(({ step, outcome }) => !step.isRight(outcome));
  for (const { step, outcome } of wrong)
    console.error(`Node.js ${version}: ${step.name}: exit status ${outcome.code}\n${outcome.said}`);
  const told = outcomes.map(({ step, outcome }) => {
    const count = /Tests:.*?(\d+) passed/.exec(outcome.said)?.[1];
    return count === undefined ? step.name : `${step.name} (${count})`;
  });
  if (wrong.length === 0) console.log(`Node.js ${version}: ${told.join('; ')}; ${seconds} s`);
  return wrong.length === 0;
}

/** One after the other, for a deployment takes what the machine has; the sample all at once. */
async function inTurn(all, each) {
  if (isSample) return await Promise.all(all.map(each));
  const done = [];
  for (const one of all) done.push(await each(one));
  return done;
}

void inTurn(versions, passes).then((all) => {
  if (!all.every(Boolean)) process.exitCode = 1;
});
