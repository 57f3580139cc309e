/**
 * Tries every reader with new inputs for as long as FUZZ_SECONDS says, all together; FUZZ_SEED repeats a run. What breaks a promise
 * is made as small as can be, and saved as a test.
 */
import fc from 'fast-check';
import { appendFileSync } from 'node:fs';
import { relative } from 'node:path';
import { keepsItsPromise } from '../../fuzz/reader';
import { readers } from '../../fuzz/readers';
import { save } from '../../fuzz/saved';

const seconds = Number(process.env['FUZZ_SECONDS'] ?? 60);
const seed = Number(process.env['FUZZ_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const eachMs = (seconds * 1_000) / readers.length;

test.each(readers)(
  '$name',
  async (reader) => {
    const property = fc.asyncProperty(reader.inputs, async (input) => await keepsItsPromise(reader, input));
    const { failed, counterexample, numRuns, errorInstance } = await fc.check(property, {
      seed,
      numRuns: Number.MAX_SAFE_INTEGER,
      interruptAfterTimeLimit: eachMs,
      markInterruptAsFailure: false,
    });
    const said = { reader: reader.name, seed, inputs: numRuns };
    if (process.env['FUZZ_REPORT']) appendFileSync(process.env['FUZZ_REPORT'], `${JSON.stringify(said)}\n`);
    if (!failed || counterexample === null) return;
    const message = errorInstance instanceof Error ? errorInstance.message : String(errorInstance);
    const file = relative(process.cwd(), save(reader.name, counterexample[0], message.slice(0, 500)));
    throw new Error(`${message}\nThe input is saved in ${file}; FUZZ_SEED=${seed} repeats the run.`);
  },
  eachMs * 3 + 60_000,
);
