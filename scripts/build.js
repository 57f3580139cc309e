// Compiles the project into lib/, builds the packages, and bundles the workflows ahead, so that a worker starts without webpack.
// https://docs.temporal.io/develop/typescript/core-application#prebuilt-workflow-bundles
// With `--if-changed` only where what it is built from isn't what it was: after `npm ci`, which has built it, `npm test` needs no build.
const { execFileSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { buildSync } = require('esbuild');
const { minifySync } = require('@swc/core');

const root = join(__dirname, '..');

const bundle = join(root, 'lib', 'workflow-bundle.js');
/** What the last whole build was made from. */
const builtFrom = join(root, 'node_modules', '.cache', 'cutover', 'built-from');

async function build() {
  const sources = hashOfSources();
  const isThere = [builtFrom, bundle, join(root, 'packages', 'local-aws', 'lib')].every((path) => existsSync(path));
  if (process.argv.includes('--if-changed') && isThere && readFileSync(builtFrom, 'utf8') === sources) return;
  rmSync(builtFrom, { force: true });
  rmSync(join(root, 'lib'), { recursive: true, force: true });
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  execFileSync(process.execPath, [compiler, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  bundlePage();
  require('../packages/local-aws/scripts/build.js');
  const workflowsPath = join(root, 'lib', 'workflows', 'index.js');
  if (!existsSync(workflowsPath)) return;
  const workflowInterceptorModules = ['tracing.js', 'routing.js'].map((name) => join(root, 'lib', 'workflows', name));
  const { bundleWorkflowCode, DefaultLogger } = require('@temporalio/worker');
  const { code } = await bundleWorkflowCode({
    workflowsPath,
    workflowInterceptorModules,
    payloadConverterPath: join(root, 'lib', 'workflows', 'payload-converter.js'),
    preloadModules: statelessModules(),
    webpackConfigHook: withoutLocales,
    logger: new DefaultLogger('WARN'),
  });
  writeFileSync(bundle, withoutComments(code));
  mkdirSync(dirname(builtFrom), { recursive: true });
  writeFileSync(builtFrom, sources);
}

/** Of all that compilers and bundlers may read, package-lock.json with their versions too. */
function hashOfSources() {
  const hash = createHash('sha256');
  const add = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
      const path = join(folder, entry.name);
      if (entry.isDirectory() && !notRead.test(entry.name)) add(path);
      if (entry.isFile() && /[.](ts|tsx|js|json|css)$/.test(entry.name))
        hash.update(`${path}\0`).update(readFileSync(path)).update('\0');
    }
  };
  add(root);
  return hash.digest('hex');
}

/** Folders of which nothing is built. */
const notRead = /^([.].*|node_modules|lib|test|docs|examples|coverage)$/;

/** What the browser gets: one script and one style sheet, whatever they are made of. */
function bundlePage() {
  const folder = join(root, 'page', 'browser');
  buildSync({
    entryPoints: [join(folder, 'page.tsx'), join(folder, 'page.css')],
    outdir: join(root, 'lib', 'page', 'browser'),
    tsconfig: join(folder, 'tsconfig.json'),
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['es2022', 'chrome120', 'firefox121', 'safari17'],
    legalComments: 'none',
    logLevel: 'warning',
  });
}

/**
 * What only defines and reads values, zod's schemas above all: evaluated once a worker instead of once a workflow. Whatever these
 * modules export is frozen, and zod completes a schema at its first use: so they export functions that return schemas.
 */
function statelessModules() {
  const folder = join(root, 'lib', 'contract');
  const names = readdirSync(folder).filter((name) => name.endsWith('.js'));
  return names.map((name) => join(folder, name));
}

/** Without zod's sentences in forty languages. */
const withoutLocales = (config) => ({
  ...config,
  resolve: { ...config.resolve, alias: { ...config.resolve.alias, '../locales/index.cjs': false } },
});

/** Names stay: Temporal knows a child workflow by its function's. */
function withoutComments(bundle) {
  const marker = '//# sourceMappingURL=data:application/json;charset=utf-8;base64,';
  const [source, map] = bundle.split(marker);
  const inlined = Buffer.from(map, 'base64').toString();
  const options = { compress: false, mangle: false, format: { comments: false }, sourceMap: { content: inlined } };
  const lean = minifySync(source, options);
  return `${lean.code}\n${marker}${Buffer.from(lean.map).toString('base64')}\n`;
}

build().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
