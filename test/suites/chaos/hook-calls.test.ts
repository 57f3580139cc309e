/** Every call, every fault (reliability.test.ts) of what the platform asks for by its hooks: on a stack of its own. */
import { startOwnStack, type OwnStack } from './own-stack';
import { hookSteps } from './reliability/hook-steps';
import { openOnlyLane, type Lane } from './reliability/lane';
import { writePage } from './reliability/page';
import { openSteps, playRound } from './reliability/round';
import { resultsFile } from './reliability/results';
import { nameOf } from './reliability/steps';
import { strikes, undisturbed } from './reliability/strikes';

const file = resultsFile();
const chosen = process.env['RELIABILITY'] ?? '';
let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 600_000);
afterAll(() => own.close());

test(
  `every call of the platform’s (results in ${file})`,
  async () => {
    const names = ['Iris', 'Jasmine', 'Lotus', 'Tulip', 'Violet'].values();
    const all = [undisturbed, ...strikes].filter(({ name }) => name.includes(chosen));
    const open = async (): Promise<Lane> => {
      const lane = await openOnlyLane(own, names.next().value ?? '');
      const { setDeployment } = await import('../e2e/publishing.js');
      await setDeployment(lane.application.target.application, { bake: '1s', removeAfter: '1s' });
      return lane;
    };
    let lane = await open();
    for (const strike of all) {
      const goesOn = await playRound(lane, strike, file, hookSteps);
      writePage(file);
      if (!goesOn) lane = await open();
    }
    const left = all.flatMap((strike) =>
      openSteps(file, strike, hookSteps).map((step) => `${strike.name}: ${nameOf(step)}`),
    );
    expect(left).toEqual([]);
  },
  5 * 3_600_000,
);
