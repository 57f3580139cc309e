/** What `npm run fuzz` tries for minutes is tried here a little, and with everything that it ever found. */
import fc from 'fast-check';
import { keepsItsPromise } from './reader';
import { readers } from './readers';
import { savedInputs } from './saved';

describe('what broke a promise once', () => {
  for (const { file, reader, input } of savedInputs())
    test(`${file} breaks none`, async () => {
      await keepsItsPromise(
        readers.find(({ name }) => name === reader)!,
        input,
      );
    });
});

test.each(readers)('a hundred of $name', async (reader) => {
  await fc.assert(
    fc.asyncProperty(reader.inputs, async (input) => await reader.holds(input)),
    { seed: 1, numRuns: 100 },
  );
});
