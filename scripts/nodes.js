// `npm run nodes`: a sample of the tests, and the command line, under other versions of Node.js than this one. Their programs come
// from the npm registry into the user's cache, once; what can't be fetched is said in one line.
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, renameSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover', 'nodes');
/** Those of the lines that are maintained. */
const versions = ['22.23.5', '24.22.3'];
/** Decisions, settings, files, processes, HTTP and TLS, and what the package loads when it starts. */
const sample = ['test/planning/routing', 'test/settings', 'test/hooks', 'test/packaging/package'];

/** The program, or `undefined` with a line that says why there is none. */
function fetchNode(version) {
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  const place = join(cache, version);
  const program = join(place, process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(program)) return program;
  mkdirSync(place, { recursive: true });
  try {
    const words = ['pack', '--silent', '--pack-destination', place, `${name}@${version}`];
    const archive = execFileSync('npm', words, { encoding: 'utf8' }).trim();
    execFileSync('tar', ['-xzf', join(place, archive), '-C', place]);
    renameSync(join(place, 'package', 'bin', 'node'), program);
    return program;
  } catch (error) {
    console.error(
      `*** NOT TESTED with Node.js ${version}: ${name} can't be fetched: ${error.message.split('\n')[0]} ***`,
    );
    return undefined;
  }
}

/** @returns whether the sample passes */
function passes(program) {
  const run = (...words) => spawnSync(program, words, { cwd: root, stdio: 'inherit' }).status === 0;
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  return (
    run('--version') && run('bin/cutover.js', '--version') && run(jest, '--selectProjects', 'unit', '--', ...sample)
  );
}

const programs = versions.map(fetchNode).filter((program) => program !== undefined);
process.exitCode = programs.every(passes) ? 0 : 1;
