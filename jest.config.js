// Projects by what they need: `unit` nothing (under a minute), `integration` servers and processes that a test starts for itself, the
// local AWS above all, `temporal` a dev server (one for all), `stack` the whole local stack, `conformance` other people's tools (a
// sample, unless `npm run conformance` asks for all).
// What is printed is compared without colours, which CI would switch on.
process.env.NO_COLOR ??= '1';
// Temporal's dev servers, on one core each: what their scheduler costs on several is a fifth of their CPU.
process.env.GOMAXPROCS ??= '1';
// Memory is there: a tenth of their CPU is collecting garbage as often as Go does by default.
process.env.GOGC ??= '400';
// What a run draws, each of jest's workers draws too.
process.env.CHAOS_SEED ??= String(Math.floor(Math.random() * 1e6));

const { projects: packageProjects } = require('./packages/local-aws/jest.config.js');
const { hasOrdinaryWorld, notDrawn, testsOf } = require('./test/together.js');

const shared = {
  testEnvironment: `${__dirname}/test/environment.js`,
  rootDir: __dirname,
  transform: packageProjects[0].transform,
};
const inFolder = (folder) => `<rootDir>/test/${folder}/**/*.test.ts`;
const folder = (name) => `test/${name}`;
// What decides, and what it says: no servers, no processes.
const withNothing = ['client', 'contract', 'planning', 'settings', 'terminal', 'worker'];
const withServers = ['test', 'packages/local-aws/test'];
const withServer = ['test/workflows', 'test/suites/replay'];
// In neither of the two: what the other projects have.
const elsewhere = new RegExp(
  `^(test/(${[...withNothing, 'workflows', 'suites', 'together'].join('|')})|packages/local-aws/test/conformance)/`,
);
const withStack = ['suites/e2e', 'suites/ui'];
// Of these `npm test` draws a sample; `npm run chaos` runs them whole too.
const sampled = ['lost-answers', 'upgrade', 'turns/turns'];
// And of these files two, whole: what else is tested of each, by scripted activities or under faults, is in every run. What all the
// others call needs each action of the worker's policy, which stack-teardown.ts asks for.
const drawnFiles = ['adoption', 'gates', 'remove-application', 'two-load-balancers', 'undo'].map(
  (name) => `test/suites/e2e/${name}.test.ts`,
);
const withPython = ['suites/conformance'];
// Strike everybody on their stack at any moment, and so have one of their own.
const withOwnStack = ['suites/chaos'];
// New inputs for as long as one wants: `npm run fuzz`.
const withFuzz = process.env.FUZZ_SECONDS === undefined ? [] : ['suites/fuzz'];
// A real Temporal server on PostgreSQL: `npm run test:cluster` builds it, and says so.
const withCluster = process.env.CLUSTER_TEMPORAL === undefined ? [] : ['suites/cluster'];
// The image, run by podman: `npm run test:containers` builds it, and says so.
const withContainers = process.env.CONTAINERS_IMAGE === undefined ? [] : ['suites/containers'];
// Of these the Compose file alone, or all but that.
const otherContainers = process.env.CONTAINERS_COMPOSE === undefined ? '/compose[.]test' : '/containers/(?!compose[.])';

module.exports = {
  // An upper bound for a slow machine: what is awaited is a fact.
  testTimeout: 300_000,
  // End-to-end tests mostly wait: five files at a time, on two cores too.
  maxWorkers: 5,
  testSequencer: '<rootDir>/test/sequencer.js',
  projects: [
    { ...shared, displayName: 'unit', testMatch: testsOf('unit', withNothing.map(folder)) },
    {
      ...shared,
      displayName: 'integration',
      testMatch: testsOf('integration', withServers, (file) => elsewhere.test(file)),
      globalSetup: '<rootDir>/packages/local-aws/test/authority-setup.ts',
    },
    { ...packageProjects[1], testEnvironment: shared.testEnvironment },
    {
      ...shared,
      displayName: 'temporal',
      testMatch: process.env.CHAOS
        ? sampled.map((name) => `<rootDir>/test/workflows/${name}.test.ts`)
        : testsOf('temporal', withServer, undefined, { joins: hasOrdinaryWorld, most: 5 }),
      globalSetup: '<rootDir>/test/temporal-setup.ts',
      globalTeardown: '<rootDir>/test/temporal-teardown.ts',
    },
    {
      ...shared,
      displayName: 'stack',
      testMatch: process.env.CHAOS
        ? drawnFiles.map((file) => `<rootDir>/${file}`)
        : testsOf('stack', withStack.map(folder), notDrawn(drawnFiles, 2), {
            // Those that run side by side begin before what else is in their file.
            joins: (text) => !text.includes('.concurrent'),
            most: 3,
          }),
      globalSetup: '<rootDir>/test/stack-setup.ts',
      globalTeardown: '<rootDir>/test/stack-teardown.ts',
    },
    {
      ...shared,
      displayName: 'conformance',
      testMatch: withPython.map(inFolder),
      // What is imported only when it is needed bears the extension that it has once it is compiled.
      moduleNameMapper: { '^([.]{1,2}/.*)[.]js$': '$1' },
    },
    {
      ...shared,
      displayName: 'chaos',
      testMatch: withOwnStack.map(inFolder),
      // Every crash in every phase, twenty deployments at once, the hooks, and the longest walks: for `npm run chaos`.
      testPathIgnorePatterns: [
        '/node_modules/',
        ...(process.env.CHAOS
          ? []
          : [
              '/(at-once|chaos|edited-settings|faults|foreign-traffic|gates|hook-calls|hooks|one-folder|outages|scaling-under-load|several-ports|two-load-balancers|walks|watched|without-temporal)[.]',
            ]),
      ],
      // What is imported only when it is needed bears the extension that it has once it is compiled.
      moduleNameMapper: { '^([.]{1,2}/.*)[.]js$': '$1' },
    },
    ...[...withCluster, ...withContainers, ...withFuzz].map((folder) => ({
      ...shared,
      displayName: folder.slice('suites/'.length),
      testMatch: [inFolder(folder)],
      testPathIgnorePatterns: ['/node_modules/', ...(folder === 'suites/containers' ? [otherContainers] : [])],
      moduleNameMapper: { '^([.]{1,2}/.*)[.]js$': '$1' },
    })),
  ],
};
