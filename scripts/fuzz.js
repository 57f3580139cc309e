// Tries the readers of what strangers write with new inputs: `npm run fuzz -- --seconds 600 --seed 7`. Ends with the number of
// inputs that each was given, and with status 1 where a promise was broken: the input is then a test in test/fuzz/saved.
const { spawnSync } = require('node:child_process');
const { mkdtempSync, existsSync, readFileSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');
const { parseArgs } = require('node:util');

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' }, only: { type: 'string' } },
});
if (!(Number(values.seconds) > 0)) throw new Error('--seconds: expected a number.');

const folder = mkdtempSync(join(tmpdir(), 'cutover-fuzz-'));
const report = join(folder, 'report');
const { status } = spawnSync(
  process.execPath,
  [
    join(__dirname, '..', 'node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects',
    'fuzz',
    '--runInBand',
    ...(values.only === undefined ? [] : ['--testNamePattern', values.only]),
  ],
  {
    stdio: 'inherit',
    env: {
      ...process.env,
      FUZZ_SECONDS: values.seconds,
      FUZZ_REPORT: report,
      ...(values.seed !== undefined && { FUZZ_SEED: values.seed }),
    },
  },
);
const lines = existsSync(report) ? readFileSync(report, 'utf8').trim().split('\n').map(JSON.parse) : [];
rmSync(folder, { recursive: true });
for (const { reader, inputs } of lines) console.log(`${String(inputs).padStart(9)}  ${reader}`);
console.log(`seed ${lines[0]?.seed}, ${values.seconds} s`);
process.exit(status ?? 1);
