// The real Temporal server of docker-compose.yml, built from its Go module into the user's cache, once: for `npm run test:cluster`,
// and for the containers of `npm run test:containers -- --compose`.
const { execFileSync, spawnSync } = require('node:child_process');
const { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');

const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover');
const composeFile = readFileSync(join(__dirname, '..', 'docker-compose.yml'), 'utf8');
const [, version] = /image: temporalio\/server:([\d.]+)/.exec(composeFile);
const serverModule = 'go.temporal.io/server';

/** A folder with `server`, `sql` and `schema`. @throws {Error} whose message is a clause that says why there is none */
function prepareServer() {
  const folder = join(cache, `temporal-server-${version}`);
  if (existsSync(join(folder, 'complete'))) return folder;
  needGo('the Temporal server is built with it');
  mkdirSync(folder, { recursive: true });
  console.log(`Building the Temporal server ${version} into ${folder} (some minutes, once)`);
  try {
    for (const command of ['cmd/server', 'cmd/tools/sql'])
      execFileSync('go', ['install', `${serverModule}/${command}@v${version}`], {
        env: { ...process.env, GOBIN: folder },
        stdio: ['ignore', 'inherit', 'ignore'],
      });
    const modules = execFileSync('go', ['env', 'GOMODCACHE'], { encoding: 'utf8' }).trim();
    const schema = join(modules, `${serverModule}@v${version}`, 'schema', 'postgresql', 'v12');
    cpSync(schema, join(folder, 'schema'), { recursive: true, filter: (path) => !path.endsWith('.go') });
  } catch (error) {
    throw new Error(`the Temporal server could not be built: ${error.message}`);
  }
  writeFileSync(join(folder, 'complete'), '');
  return folder;
}

/** @throws {Error} where it isn't there */
function needGo(why) {
  if (spawnSync('go', ['version']).status !== 0) throw new Error(`Go is not on PATH: ${why}`);
}

module.exports = { cache, needGo, prepareServer };
