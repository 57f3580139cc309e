// The order of test files: those of each project are spread over the run, so that what mostly waits (end-to-end tests) runs beside
// what mostly computes, and in each the largest come first. What waits is over before the rest is: alone it would leave cores idle.
const { readFileSync, statSync } = require('node:fs');
const { join } = require('node:path');
const Sequencer = require('@jest/test-sequencer').default;

const root = join(__dirname, '..');

/** The parts of the run over which the files of projects are spread; of the others: 0.85. */
const parts = { unit: 1, integration: 1, stack: 0.7 };
const partOf = ({ context }) => parts[context.config.displayName?.name] ?? 0.85;

/** Bytes of tests; of a file that holds others (together.js), theirs. */
function sizeOf(path) {
  const held = path.includes('/together/') ? readFileSync(path, 'utf8').match(/[^"]+[.]test[.]ts/g) : null;
  return (held ?? []).reduce((sum, file) => sum + statSync(join(root, file)).size, statSync(path).size);
}

module.exports = class extends Sequencer {
  sort(tests) {
    const projects = [...new Set(tests.map(({ context }) => context.config.id))];
    const placed = projects.flatMap((id) => {
      const own = tests.filter(({ context }) => context.config.id === id);
      return own
        .map((test) => ({ test, size: sizeOf(test.path) }))
        .toSorted((one, other) => other.size - one.size)
        .map(({ test }, index) => ({ test, place: (partOf(test) * (index + 0.5)) / own.length }));
    });
    return placed.toSorted((one, other) => one.place - other.place).map(({ test }) => test);
  }
};
