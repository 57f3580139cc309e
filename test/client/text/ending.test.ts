/** The sentence that a followed deployment ends with. */
import { formatEnding } from '../../../client/text/ending';
import type { DeploymentOutcome } from '../../../contract/status';

const result = (over: Partial<DeploymentOutcome>): { readonly result: DeploymentOutcome } => ({
  result: { outcome: 'completed', failure: null, note: null, ...over } as DeploymentOutcome,
});

test.each([
  ['orders:2', 'Completed: slot b serves orders:2.'],
  [null, 'Completed: slot b serves an unknown image.'],
])('image %j in a slot: %s', (image, sentence) => {
  expect(formatEnding(result({ live: { slot: 'b', servedBy: 'container', image, version: null } }))).toBe(sentence);
});

test('what serves in no slot, and why', () => {
  const live = { slot: null, servedBy: 'platform-server', image: null, version: null } as const;
  expect(formatEnding(result({ outcome: 'rolledBack', live, failure: 'It broke.', note: 'Look.' }))).toBe(
    'Rolled back: the Platform Server serves (It broke.) (Look.).',
  );
});

test('a deployment without a result failed, unless people ended it', () => {
  expect(formatEnding({ failure: 'It broke.' })).toBe('Failed: It broke.');
  expect(formatEnding({ failure: 'It was cancelled.', outcome: 'rolledBack' })).toBe('Rolled back: It was cancelled.');
});
