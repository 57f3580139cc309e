/** The strikes of reliability.test.ts that everybody on a stack feels: on a stack of their own, one after the other. */
import { startOwnStack, type OwnStack } from './own-stack';
import { openOnlyLane } from './reliability/lane';
import { playRounds } from './reliability/round';
import { resultsFile } from './reliability/results';
import { strikes } from './reliability/strikes';

const file = resultsFile();
const chosen = process.env['RELIABILITY'] ?? '';
let own: OwnStack;
beforeAll(async () => {
  own = await startOwnStack({ timeScale: 20, failedStarts: 0 });
}, 600_000);
afterAll(() => own.close());

test(
  `whatever everybody feels (results in ${file})`,
  async () => {
    const names = ['Acorn', 'Birch', 'Clover', 'Daisy', 'Elder'].values();
    const everybody = strikes.filter((strike) => strike.everybody && strike.name.includes(chosen));
    const open = async () => await openOnlyLane(own, names.next().value ?? '');
    expect(await playRounds(everybody, file, open)).toEqual([]);
  },
  5 * 3_600_000,
);
