/** Versions of the workers that deployments need, and that nobody runs any more. */
import { examineVersions } from '../../../client/doctor/temporal';

const versions = [
  { buildId: 'old', state: 'draining' },
  { buildId: 'new', state: 'current' },
  { buildId: 'older', state: 'drained' },
] as const;

test('workers that stopped before their deployments had ended are an error', () => {
  expect(examineVersions({ current: 'new', versions }, new Set(['new']))).toEqual([
    expect.objectContaining({
      check: 'versions',
      state: 'error',
      says: 'old is draining, and no worker of it takes work',
      next: 'Start workers of old again until its deployments have ended.',
    }),
  ]);
});

test('a current version without workers is an error: new deployments stand still', () => {
  const [found] = examineVersions({ current: 'new', versions }, new Set(['old']));
  expect(found).toMatchObject({ state: 'error', next: expect.stringContaining('"cutover upgrade"') });
});

test('no current version is an error', () => {
  expect(examineVersions({ current: null, versions }, new Set(['new']))).toMatchObject([{ state: 'error' }]);
});

test('what is drained needs no worker', () => {
  expect(examineVersions({ current: 'new', versions }, new Set(['new', 'old']))).toMatchObject([
    { state: 'ok', says: 'old is draining, new is current' },
  ]);
});
