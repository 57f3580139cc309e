// Projects by what they need: `unit` nothing, `conformance` other people's tools (a sample, unless `npm run conformance` asks
// for all).
// What is printed is compared without colours, which CI would switch on.
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
        sourceMaps: 'inline',
      },
    ],
  },
};

module.exports = {
  // An upper bound for a slow machine: what is awaited is a fact.
  testTimeout: 300_000,
  maxWorkers: 3,
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/node_modules/', '/test/conformance/'],
    },
    { ...shared, displayName: 'conformance', testMatch: ['<rootDir>/test/conformance/*.test.ts'] },
  ],
};
