// Runs the local AWS as a process of its own, so that a test can kill it: node aws-process.js '{"folder":…}'.
const { readFileSync } = require('node:fs');
const { transformSync } = require('@swc/core');

require.extensions['.ts'] = (module, filename) => {
  const { code } = transformSync(readFileSync(filename, 'utf8'), {
    filename,
    jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    module: { type: 'commonjs' },
  });
  module._compile(code, filename);
};

const { runAws } = require('../src/control-plane.ts');
const log = {
  info: () => undefined,
  error: (facts, message) => process.stderr.write(`${message} ${facts.err?.stack}\n`),
};
void runAws({ ...JSON.parse(process.argv[2]), log }).then(({ endpoint }) => process.stdout.write(`${endpoint}\n`));
