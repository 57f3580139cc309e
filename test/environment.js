// Jest compiles every module anew for each test file, packages too, though within one worker it is the same text: what V8 made of
// it the first time is given back to it. That is a tenth of the CPU of tests that load much.
// What runs is noted for a watchdog.
const { TestEnvironment } = require('jest-environment-node');
const vm = require('node:vm');
const { startWatchdog } = require('./watchdog');

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

const note = startWatchdog();

// A worker that has nothing left to do takes a second to give back what it holds, and Jest then says that it doesn't end.
if (process.send !== undefined) process.once('beforeExit', () => process.exit());

module.exports = class extends TestEnvironment {
  constructor(config, context) {
    super(config, context);
    this.file = context.testPath;
    note(`${this.file}, as it is loaded`);
  }

  handleTestEvent({ name, test, hook }, { testTimeout }) {
    const { file } = this;
    if (name === 'test_fn_start') note(`${file}, ${nameOf(test)}`, test.timeout ?? testTimeout);
    if (name === 'hook_start') note(`${file}, ${hook.type} of ${nameOf(hook.parent)}`, hook.timeout ?? testTimeout);
    // At once, since a file that is ended never tells.
    if (name.endsWith('_failure')) process.stderr.write(`${file}: ${nameOf(test ?? hook.parent)} failed\n`);
    if (name === 'run_finish') note(`${file}, at its end`);
  }

  async teardown() {
    await super.teardown();
    note(undefined);
  }
};

/** With the blocks that it is in. */
const nameOf = ({ name, parent }) => (parent === undefined ? name : `${nameOf(parent)} > ${name}`);
