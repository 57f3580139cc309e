// What of node_modules runs where the workflow bundle is built ahead: `node scripts/runtime-packages.js FOLDER` takes the rest out of
// FOLDER/node_modules, after `npm prune --omit=dev`. @temporalio/worker depends on webpack and what bundles with it, and loads some of
// that as it starts although it bundles nothing then: in the place of those stands a module that says so when it is used.
const { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');

/** What only bundling needs, as @temporalio/worker names it. */
const bundling = ['@swc/core', 'memfs', 'source-map-loader', 'swc-loader', 'unionfs', 'webpack'];
/** Those that its lib/workflow/bundler.js loads at once. */
const loaded = ['memfs', 'unionfs', 'webpack'];

const standIn = (name) =>
  `// The workflow bundle is built ahead, so ${name} is not here: what is loaded with @temporalio/worker finds this.
module.exports = new Proxy({}, {
  get: (_, key) => {
    if (key === '__esModule') return true;
    if (typeof key === 'symbol' || key === 'default') return undefined;
    throw new Error('${name} is not installed here: the workflow bundle is built ahead, and none can be made.');
  },
  ownKeys: () => [],
});
`;

/** Where Node.js finds a package from another one: paths of the lock file, the innermost first. */
function resolve(packages, from, name) {
  for (let place = from; ; place = place.replace(/(^|\/)node_modules\/(?:@[^/]+\/)?[^/]+$/, '')) {
    const path = `${place === '' ? '' : `${place}/`}node_modules/${name}`;
    if (packages[path] !== undefined) return path;
    if (place === '') return undefined;
  }
}

/**
 * The paths of all packages that those of `dependencies` need, without what only bundles workflows.
 * @param packages of a lock file of npm, by their paths
 * @param dependencies of package.json
 */
function runtimePackages(packages, dependencies) {
  const found = new Set();
  const add = (from, names) => {
    for (const name of names) {
      const path = resolve(packages, from, name);
      if (path === undefined || found.has(path)) continue;
      found.add(path);
      const { dependencies: own, optionalDependencies, peerDependencies } = packages[path];
      const needed = Object.keys({ ...own, ...optionalDependencies, ...peerDependencies });
      add(path, name === '@temporalio/worker' ? needed.filter((one) => !bundling.includes(one)) : needed);
    }
  };
  add('', Object.keys(dependencies));
  return [...found];
}

/** Puts what says that it isn't there into a node_modules, for each that is loaded without being used. */
function placeStandIns(folder) {
  for (const name of loaded) {
    mkdirSync(join(folder, 'node_modules', name), { recursive: true });
    writeFileSync(join(folder, 'node_modules', name, 'index.js'), standIn(name));
  }
}

/** Scopes of which nothing is left. */
const emptyScopes = (modules) =>
  readdirSync(modules).filter((name) => name.startsWith('@') && readdirSync(join(modules, name)).length === 0);

function main(folder) {
  const read = (file) => JSON.parse(readFileSync(join(folder, file), 'utf8'));
  const { packages } = read('node_modules/.package-lock.json');
  const kept = runtimePackages(packages, read('package.json').dependencies);
  const holdsKept = (path) => kept.some((one) => one === path || one.startsWith(`${path}/`));
  const taken = Object.keys(packages).filter((path) => path.startsWith('node_modules/') && !holdsKept(path));
  for (const path of taken) rmSync(join(folder, path), { recursive: true, force: true });
  const modules = join(folder, 'node_modules');
  for (const name of emptyScopes(modules)) rmSync(join(modules, name), { recursive: true });
  rmSync(join(modules, '.bin'), { recursive: true, force: true });
  placeStandIns(folder);
  const left = taken.filter((path) => existsSync(join(folder, path, 'package.json')));
  if (left.length > 0) throw new Error(`These are still there: ${left.join(', ')}`);
  console.log(`${taken.length} packages were taken out, ${kept.length} are left.`);
}

if (require.main === module) main(process.argv[2] ?? join(__dirname, '..'));
module.exports = { runtimePackages, placeStandIns };
