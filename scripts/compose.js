// What `npm run test:containers -- --compose` needs beside podman: Docker Compose, and the images that docker-compose.yml names. Where no
// registry of images is reached, stand-ins for these are made of Debian's packages and of the programs that `npm run test:cluster` runs.
const { execFileSync, spawnSync } = require('node:child_process');
const {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} = require('node:fs');
const { join } = require('node:path');
const { cache, needGo, prepareServer } = require('./temporal-server');

const root = join(__dirname, '..');
const composeModule = 'github.com/docker/compose/v2/cmd';
const version = '2.40.3';

/**
 * Docker's own plugin where that is installed; else the same program, built from its Go module into the user's cache, once.
 * @returns how it is called
 * @throws {Error} whose message is a clause that says why there is none
 */
function prepareCompose() {
  if (spawnSync('docker', ['compose', 'version']).status === 0) return ['docker', 'compose'];
  const folder = join(cache, `compose-${version}`);
  const program = join(folder, 'docker-compose');
  if (existsSync(program)) return [program];
  needGo('Docker Compose is not here, and is built with it');
  console.log(`Building Docker Compose ${version} into ${folder} (some minutes, once)`);
  // A module of its own: its go.mod excludes some versions, which "go install" refuses.
  const place = join(folder, 'module');
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, 'go.mod'), 'module compose\n\ngo 1.24\n');
  const go = (...words) => execFileSync('go', words, { cwd: place, stdio: ['ignore', 'inherit', 'ignore'] });
  try {
    go('get', `${composeModule}@v${version}`);
    go('build', '-ldflags', '-s -w', '-o', program, composeModule);
  } catch (error) {
    throw new Error(`Docker Compose could not be built: ${error.message}`);
  }
  return [program];
}

/** The images that docker-compose.yml names, by their services, without that of this program. */
function imagesByService() {
  const { parse } = require('yaml');
  const { services } = parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true });
  return Object.entries(services).flatMap(([name, { image }]) => (image.startsWith('cutover:') ? [] : [[name, image]]));
}

/** Whether podman has all of them now. */
const pulled = (env) =>
  imagesByService().every(
    ([, image]) =>
      spawnSync('podman', ['pull', '--quiet', `docker.io/${image}`], { env, timeout: 300_000 }).status === 0,
  );

/** Initialises the database once, as the image of PostgreSQL does, and runs it as a user of its own. */
const entrypoint = `#!/bin/sh
set -eu
as() { setpriv --reuid postgres --regid postgres --init-groups "$@"; }
chown postgres:postgres "$PGDATA"
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  install -m 0400 -o postgres "$POSTGRES_PASSWORD_FILE" /tmp/password
  as initdb --pgdata "$PGDATA" --username "$POSTGRES_USER" --pwfile /tmp/password --auth-local trust --auth-host scram-sha-256
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
fi
exec setpriv --reuid postgres --regid postgres --init-groups postgres -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/tmp,/run/postgresql
`;

const install = (packages) =>
  `RUN apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends ${packages} && rm -rf /var/lib/apt/lists/*`;

/** Of each service that has one: its Dockerfile without FROM, and what fills its context. */
function standIns({ server, temporal }) {
  const programs = (folder, names) => {
    for (const [name, from] of Object.entries(names)) {
      copyFileSync(from, join(folder, name));
      chmodSync(join(folder, name), 0o755);
    }
  };
  const tools = {
    lines: ['COPY temporal temporal-sql-tool /usr/local/bin/', 'COPY schema /etc/temporal/schema/postgresql/v12'],
    fill: (folder) => {
      programs(folder, { temporal, 'temporal-sql-tool': join(server, 'sql') });
      cpSync(join(server, 'schema'), join(folder, 'schema'), { recursive: true });
    },
  };
  return {
    postgresql: {
      lines: [
        "RUN mkdir /etc/postgresql-common && echo 'create_main_cluster = false' > /etc/postgresql-common/createcluster.conf",
        install('postgresql-17'),
        'COPY entrypoint.sh /usr/local/bin/',
        'ENV PATH=/usr/lib/postgresql/17/bin:$PATH PGDATA=/var/lib/postgresql/data',
        'VOLUME /var/lib/postgresql/data',
        'STOPSIGNAL SIGINT',
        'ENTRYPOINT ["entrypoint.sh"]',
      ],
      fill: (folder) => {
        writeFileSync(join(folder, 'entrypoint.sh'), entrypoint);
        chmodSync(join(folder, 'entrypoint.sh'), 0o755);
      },
    },
    schema: tools,
    namespaces: tools,
    temporal: {
      // For the health check.
      lines: [install('netcat-openbsd'), 'COPY temporal-server /usr/local/bin/', 'USER 1000:1000'],
      fill: (folder) => programs(folder, { 'temporal-server': join(server, 'server') }),
    },
  };
}

/** The program that the local stack runs too: on the PATH, or downloaded. */
async function findTemporal() {
  const { findTemporal: find } = require('../lib/local/temporal/find.js');
  return await find();
}

/**
 * @param base an image of Debian
 * @returns a file of Compose's that puts the stand-ins in the images' places, and the services that have none
 */
async function makeStandIns(env, base) {
  const made = standIns({ server: prepareServer(), temporal: await findTemporal() });
  const place = join(cache, 'containers', 'stand-ins');
  const images = {};
  for (const [service, image] of imagesByService()) {
    if (made[service] === undefined) continue;
    const { lines, fill } = made[service];
    const name = `localhost/stand-in/${image.replace(/@.*/, '')}`;
    images[service] = { image: name, pull_policy: 'never' };
    const folder = join(place, service);
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true });
    fill(folder);
    writeFileSync(join(folder, 'Dockerfile'), [`FROM ${base}`, ...lines, ''].join('\n'));
    const words = ['build', '--quiet', '--format', 'docker', '--isolation', 'oci', '--network', 'host', '--pull=never'];
    execFileSync('podman', [...words, '--tag', name, folder], { env, stdio: ['ignore', 'ignore', 'inherit'] });
  }
  const file = join(cache, 'containers', 'stand-ins.json');
  writeFileSync(file, JSON.stringify({ services: images }, undefined, 2));
  return { file, without: imagesByService().flatMap(([service]) => (service in images ? [] : [service])) };
}

/**
 * What the tests are told: how Compose is called, the file that is laid over docker-compose.yml, the services that are left out.
 * @param base the image of Debian that stand-ins are made on; `undefined` where a registry has the real ones
 * @throws {Error} whose message is a clause that says what is missing
 */
async function prepare(env, base) {
  const compose = prepareCompose();
  if (base === undefined && pulled(env)) return { compose, without: [] };
  if (base === undefined) throw new Error('the images of docker-compose.yml could not be pulled');
  const { file, without } = await makeStandIns(env, base);
  console.log(
    `No registry has the images of docker-compose.yml for us: stand-ins take their places, and ${without.join(', ')} is left out`,
  );
  return { compose, over: file, without };
}

module.exports = { prepare };
