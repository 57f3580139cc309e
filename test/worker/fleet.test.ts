import { countWorkers } from '../../worker/fleet';

const seen = (identity: string, secondsAgo: number) => ({
  identity,
  lastAccessTime: { seconds: (1_000_000 - secondsAgo) as unknown as Long, nanos: 0 },
});
type Long = NonNullable<NonNullable<Parameters<typeof countWorkers>[0][number]['lastAccessTime']>['seconds']>;

test.each([
  ['nobody has polled yet', [], 1],
  ['this one alone', [seen('me', 1)], 1],
  ['another, with several pollers', [seen('me', 1), seen('other', 5), seen('other', 50)], 2],
  ['another that is gone, which Temporal still shows', [seen('me', 1), seen('gone', 120)], 1],
])('workers are counted: %s', (_, pollers, workers) => {
  expect(countWorkers(pollers, 'me', 1_000_000_000)).toBe(workers);
});
