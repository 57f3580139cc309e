/**
 * Every call, every fault: each write of every runbook, forward and back, is struck once by everything that can befall a call, and
 * during each wait somebody dies. The writes and waits are those that the runbook makes: nobody has listed them. Afterwards all is
 * as it would have been, and no request is lost. `npm test` draws one case; `npm run chaos` runs them all, goes on where a run
 * before was stopped, and writes docs/reliability.md. RELIABILITY=TEXT runs the strikes whose name has it.
 */
import { together } from '../../../activities/concurrency';
import { seededRandom } from '../../../packages/local-aws/src/faults/random';
import { drawn, drawSeed, runsAll } from '../../drawn';
import { startOwnStack, type OwnStack } from './own-stack';
import { openLane, openOnlyLane, type Lane } from './reliability/lane';
import { writePage } from './reliability/page';
import { namesOfOpen, openSteps, playRound, toldCase } from './reliability/round';
import { resultsFile } from './reliability/results';
import { neededBefore, steps } from './reliability/steps';
import { strikes, undisturbed } from './reliability/strikes';
import { blowsOf } from './reliability/table';

const chosen = process.env['RELIABILITY'] ?? '';
const lanesAtOnce = Number(process.env['RELIABILITY_LANES'] ?? 6);

let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 600_000);
afterAll(() => own.close());

if (runsAll) {
  const file = resultsFile();
  // Names of which none is in another.
  const names = ['Alder', 'Beech', 'Cedar', 'Hazel', 'Maple', 'Rowan', 'Willow', 'Aspen', 'Larch', 'Olive', 'Poplar'];
  const apart = [undisturbed, ...strikes.filter(({ everybody }) => !everybody)];

  test(
    `every call, every fault (results in ${file})`,
    async () => {
      const waiting = apart.filter((strike) => strike.name.includes(chosen) && openSteps(file, strike).length > 0);
      const opened = names.entries();
      const play = async (): Promise<void> => {
        let lane: Lane | undefined;
        for (let strike = waiting.shift(); strike; strike = waiting.shift()) {
          const [index, name] = lane ? [] : (opened.next().value ?? []);
          if (name !== undefined) lane = await openLane(own, name, index ?? 0);
          if (!lane) return;
          const goesOn = await playRound(lane, strike, file);
          writePage(file);
          if (goesOn) continue;
          await lane.close();
          lane = undefined;
        }
        await lane?.close();
      };
      // What one lane fails of doesn't take the others' cases along.
      await together(Array.from({ length: lanesAtOnce }, play));
      expect(namesOfOpen(apart, file)).toEqual([]);
    },
    5 * 3_600_000,
  );
} else {
  const ofOne = strikes.filter(({ everybody }) => !everybody);
  const cases = steps.flatMap((step) => ofOne.map((strike) => ({ step, strike })));
  const [sampled] = drawn(cases, 1, seededRandom(drawSeed));

  test(`a case drawn with seed ${drawSeed} ends as it would have; CHAOS_SEED=${drawSeed} repeats it`, async () => {
    const lane = await openOnlyLane(own, 'Reliable');
    const { step, strike } = sampled!;
    const struckWith = async (probability: number): Promise<number> => {
      for (const before of neededBefore(lane, step)) await toldCase(lane, before, undisturbed);
      const result = await toldCase(lane, step, strike, { most: 2, probability, seed: drawSeed });
      expect(result).toMatchObject({ findings: [] });
      return blowsOf(result);
    };
    // A draw may leave all of a short run's calls alone: then the first ones are struck.
    if ((await struckWith(0.3)) > 0 || strike.dies?.when === 'waiting') return;
    expect(await struckWith(1)).toBeGreaterThan(0);
  });
}
