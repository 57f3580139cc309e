// Jest compiles every module anew for each test file, packages too, though within one worker it is the same text: what V8 made of
// it the first time is given back to it. That is a tenth of the CPU of tests that load much.
const { TestEnvironment } = require('jest-environment-node');
const vm = require('node:vm');

const compile = vm.compileFunction;
/** By file: the text, and what V8 made of it. */
const compiled = new Map();
/** What is shorter is compiled as quickly. */
const worthwhile = 2_000;

vm.compileFunction = (code, parameters, options = {}) => {
  const { filename } = options;
  if (filename === undefined || code.length < worthwhile) return compile(code, parameters, options);
  const known = compiled.get(filename);
  if (known?.code === code) return compile(code, parameters, { ...options, cachedData: known.data });
  const made = compile(code, parameters, { ...options, produceCachedData: true });
  if (made.cachedData !== undefined) compiled.set(filename, { code, data: made.cachedData });
  return made;
};

module.exports = TestEnvironment;
