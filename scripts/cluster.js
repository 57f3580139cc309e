// The topology of docker-compose.yml without containers: `npm run test:cluster`. The real Temporal server is built from its Go
// module, once, into the user's cache; PostgreSQL is Debian's package or any other on PATH. Then the tests of test/suites/cluster run.
const { spawnSync } = require('node:child_process');
const { existsSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { prepareServer } = require('./temporal-server');

const root = join(__dirname, '..');

function main() {
  let prepared;
  try {
    prepared = { CLUSTER_TEMPORAL: prepareServer(), CLUSTER_POSTGRESQL: findPostgresql() };
  } catch ({ message }) {
    console.error(`\n*** NOT TESTED on a real Temporal server with PostgreSQL: ${message}. ***\n`);
    return void (process.exitCode = 1);
  }
  const env = { ...process.env, ...prepared };
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const words = ['--selectProjects', 'cluster', '--testTimeout', '900000', '--runInBand', ...process.argv.slice(2)];
  process.exitCode = spawnSync(process.execPath, [jest, ...words], { cwd: root, env, stdio: 'inherit' }).status ?? 1;
}

/** The folder of initdb and pg_ctl. @throws {Error} whose message is a clause, where there is none */
function findPostgresql() {
  const debian = '/usr/lib/postgresql';
  const versions = existsSync(debian) ? readdirSync(debian).sort((one, other) => Number(other) - Number(one)) : [];
  const folders = [...versions.map((name) => join(debian, name, 'bin')), ...(process.env.PATH ?? '').split(':')];
  const found = folders.find((folder) => existsSync(join(folder, 'initdb')) && existsSync(join(folder, 'pg_ctl')));
  if (found === undefined) throw new Error('PostgreSQL is not here: install it (Debian: apt-get install postgresql)');
  return found;
}

main();
