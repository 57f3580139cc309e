// The topology of docker-compose.yml without containers: `npm run test:cluster`. The real Temporal server is built from its Go
// module, once, into the user's cache; PostgreSQL is Debian's package or any other on PATH. Then the tests of test/suites/cluster run.
const { execFileSync, spawnSync } = require('node:child_process');
const { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..');
/** The version of the images in docker-compose.yml. */
const version = '1.32.0';
const serverModule = 'go.temporal.io/server';

function main() {
  const server = prepareServer();
  const postgresql = findPostgresql();
  if (server === undefined || postgresql === undefined) return void (process.exitCode = 1);
  const env = { ...process.env, CLUSTER_TEMPORAL: server, CLUSTER_POSTGRESQL: postgresql };
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const words = ['--selectProjects', 'cluster', '--testTimeout', '900000', '--runInBand', ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, [jest, ...words], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

/** A folder with `server`, `sql` and `schema`. */
function prepareServer() {
  const folder = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover', `temporal-server-${version}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  if (spawnSync('go', ['version']).status !== 0)
    return missing('Go is not on PATH: the Temporal server is built with it');
  mkdirSync(folder, { recursive: true });
  console.log(`Building the Temporal server ${version} into ${folder} (some minutes, once)`);
  const env = { ...process.env, GOBIN: folder };
  try {
    for (const command of ['cmd/server', 'cmd/tools/sql'])
      execFileSync('go', ['install', `${serverModule}/${command}@v${version}`], {
        env,
        stdio: ['ignore', 'inherit', 'ignore'],
      });
    const modules = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
    const schema = join(modules, `${serverModule}@v${version}`, 'schema', 'postgresql', 'v12');
    cpSync(schema, join(folder, 'schema'), { recursive: true, filter: (path) => !path.endsWith('.go') });
  } catch (error) {
    return missing(`the Temporal server could not be built: ${error.message}`);
  }
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

/** The folder of initdb and pg_ctl. */
function findPostgresql() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [...versions.map((name) => join(debian, name, 'bin')), ...(process.env.PATH ?? '').split(':')];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
  return found ?? missing('PostgreSQL is not here: install it (Debian: apt-get install postgresql)');
}

function missing(why) {
  console.error(`\n*** NOT TESTED on a real Temporal server with PostgreSQL: ${why}. ***\n`);
}

main();
