/** After a Terminate a write of the old run may still land; which runs there were, a list of Temporal's may learn late. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { readAfterEarlierWrites, type EarlierRuns } from '../../../../activities/aws/plans/earlier-writes';

const lease = { lastsMs: 400, lookEveryMs: 50 };
const ago = (milliseconds: number) => new Date(Date.now() - milliseconds);

/** Reads with a list that answers these one after the other, the last one for ever. @returns which reading counted, and after how long */
async function readWith(...answers: readonly (EarlierRuns | Error)[]): Promise<{ reading: number; tookMs: number }> {
  let looks = 0;
  let readings = 0;
  const look = async () => {
    const answer = answers[Math.min(looks++, answers.length - 1)];
    if (answer === undefined || answer instanceof Error) throw answer;
    return await Promise.resolve(answer);
  };
  const began = performance.now();
  const reading = await new MockActivityEnvironment().run(
    async () => await readAfterEarlierWrites(look, () => Promise.resolve(++readings), lease),
  );
  return { reading: reading as number, tookMs: performance.now() - began };
}

test('without a terminated run before it, what was read at once counts', async () => {
  expect(await readWith({ areAllKnown: true })).toMatchObject({ reading: 1 });
});

test('what counts is what is read after the last write of a run that was terminated a moment ago', async () => {
  // At the moment of the first look that shows it.
  const terminated = () => {
    let at: Date | undefined;
    return {
      areAllKnown: true,
      get lastAbandoned() {
        return (at ??= new Date());
      },
    };
  };
  expect(await readWith(terminated())).toMatchObject({ reading: 2 });
  expect(await readWith({ areAllKnown: false }, terminated())).toMatchObject({ reading: 2 });
});

test('what a run wrote that was terminated long ago is there already', async () => {
  expect(await readWith({ areAllKnown: true, lastAbandoned: ago(30_000) })).toMatchObject({ reading: 1 });
});

test.each<[string, EarlierRuns | Error]>([
  ['doesn’t have the run that asks', { areAllKnown: false }],
  ['can’t be had', new Error('14 UNAVAILABLE')],
])('a list that %s decides nothing: a whole lease passes, and what is read then counts', async (_, answer) => {
  const { reading, tookMs } = await readWith(answer);
  expect(reading).toBe(2);
  expect(tookMs).toBeGreaterThan(lease.lastsMs);
});

test('reading fails as it failed, once nothing can change that', async () => {
  const look = () => Promise.resolve({ areAllKnown: true });
  const reads = () => Promise.reject(new Error('no such cluster'));
  const reading = new MockActivityEnvironment().run(async () => await readAfterEarlierWrites(look, reads));
  await expect(reading).rejects.toThrow('no such cluster');
});
