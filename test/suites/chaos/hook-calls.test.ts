/** Every call, every fault (reliability.test.ts) of what the platform asks for by its hooks: on a stack of its own. */
import { startOwnStack, type OwnStack } from './own-stack';
import { hookSteps } from './reliability/hook-steps';
import { openOnlyLane, type Lane } from './reliability/lane';
import { playRounds } from './reliability/round';
import { resultsFile } from './reliability/results';
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
    expect(await playRounds(all, file, open, hookSteps)).toEqual([]);
  },
  5 * 3_600_000,
);
