// Projects by what they need: `unit` nothing (under a minute), `integration` servers and processes that a test starts for itself, the
// local AWS above all, `temporal` a dev server (one for all), `stack` the whole local stack, `conformance` other people's tools (a
// sample, unless `npm run conformance` asks for all).
// What is printed is compared without colours, which CI would switch on.
process.env.NO_COLOR ??= '1';

const { projects: packageProjects } = require('./packages/local-aws/jest.config.js');

const shared = {
  testEnvironment: `${__dirname}/test/environment.js`,
  rootDir: __dirname,
  transform: packageProjects[0].transform,
};
const inFolder = (folder) => `<rootDir>/test/${folder}/**/*.test.ts`;
const folderPattern = (folder) => `<rootDir>/test/${folder}/`;
// What decides, and what it says: no servers, no processes.
const withNothing = ['client', 'contract', 'planning', 'settings', 'terminal', 'worker'];
const withServer = ['workflows', 'suites/replay'];
const withStack = ['suites/e2e', 'suites/ui'];
// Of these `npm test` draws a sample; `npm run chaos` runs them whole too.
const sampled = ['lost-answers', 'upgrade', 'turns/turns'];
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
  // End-to-end tests mostly wait: four at a time, on two cores too.
  maxWorkers: 4,
  projects: [
    ...packageProjects.map((project) => ({ ...project, testEnvironment: shared.testEnvironment })),
    { ...shared, displayName: 'unit', testMatch: withNothing.map(inFolder) },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', ...[...withNothing, ...withServer, 'suites'].map(folderPattern)],
    },
    {
      ...shared,
      displayName: 'temporal',
      testMatch: process.env.CHAOS
        ? sampled.map((name) => `<rootDir>/test/workflows/${name}.test.ts`)
        : withServer.map(inFolder),
      globalSetup: '<rootDir>/test/temporal-setup.ts',
      globalTeardown: '<rootDir>/test/temporal-teardown.ts',
    },
    {
      ...shared,
      displayName: 'stack',
      testMatch: withStack.map(inFolder),
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
