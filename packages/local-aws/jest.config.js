// The projects differ in what they need: `integration` needs nothing but itself, `conformance` other people's tools. Of the latter only a sample
// runs, unless `npm run conformance` asks for all.
// Output is compared without colours, which CI would switch on.
process.env.NO_COLOR ??= '1';

const shared = {
  testEnvironment: 'node',
  rootDir: __dirname,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
        sourceMaps: true,
      },
    ],
  },
};

module.exports = {
  // This is only an upper bound for a slow machine: tests wait for facts.
  testTimeout: 300_000,
  maxWorkers: 3,
  projects: [
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/test/conformance/'],
      globalSetup: '<rootDir>/test/authority-setup.ts',
    },
    { ...shared, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/*.test.ts'] },
  ],
};
