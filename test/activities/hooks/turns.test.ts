import { standingOf, type RunningCall, type Turn } from '../../../activities/hooks/turns';

const key = (letter: string) => `${letter.repeat(8)}-0000-0000-0000-000000000000`;
const call = (method: string, application: string, operation: string, startedAt: number): RunningCall => ({
  workflowId: `hook/${method}/${key(application)}_${key(operation)}`,
  startedAt,
});
const run = (application: string, operation: string, startedAt: number) =>
  call('ContainerRun', application, operation, startedAt);
const turnOf = (operation: RunningCall, atOnce = 2): Turn => ({
  zone: 'production',
  operation,
  lock: 'production/Orders',
  atOnce,
  until: new Date(1_000).toISOString(),
});
const standing = (own: RunningCall, others: readonly RunningCall[], deploys = false, now = 0) =>
  standingOf(turnOf(own), [own, ...others], deploys, now);

test('whoever is alone goes', () => {
  expect(standing(run('a', '1', 0), [])).toEqual({ turn: 'taken' });
  expect(standingOf(turnOf(run('a', '1', 0)), [], false, 0)).toEqual({ turn: 'taken' });
});

test('no more go at once than the zone allows: the oldest first, and an application counts once', () => {
  const others = [run('b', '1', 1), run('b', '2', 2), run('c', '1', 3)];
  expect(standing(run('a', '1', 2), others)).toEqual({ turn: 'taken' });
  expect(standing(run('a', '1', 4), others)).toMatchObject({
    turn: 'waits',
    why: expect.stringMatching(/2 other appl/),
  });
});

test('of two that started in the same moment exactly one is first', () => {
  const [one, other] = [run('a', '1', 5), run('b', '1', 5)];
  const goes = [
    standingOf(turnOf(one, 1), [one, other], false, 0).turn,
    standingOf(turnOf(other, 1), [one, other], false, 0).turn,
  ];
  expect(goes.toSorted((x, y) => x.localeCompare(y))).toEqual(['taken', 'waits']);
});

test('a deployment that runs is waited for, and asked to give way only by a publish or a removal', () => {
  expect(standing(run('a', '1', 0), [], true)).toMatchObject({ turn: 'waits', supersedes: true });
  expect(standing(call('ContainerRemove', 'a', '1', 0), [], true)).toMatchObject({ turn: 'waits', supersedes: true });
  expect(standing(call('UpdateConfigurations', 'a', '1', 0), [], true)).toMatchObject({ supersedes: false });
});

test('an older operation never comes after a newer one of the same application', () => {
  expect(standing(run('a', '1', 0), [run('a', '2', 1)])).toEqual({
    turn: 'superseded',
    by: expect.stringMatching(/^ContainerRun of operation 2/),
  });
  expect(standing(run('a', '2', 1), [run('a', '1', 0)])).toMatchObject({ turn: 'waits' });
});

test('the calls of one publish, and a configuration behind a publish, take nobody’s place', () => {
  const publish = run('a', '1', 0);
  expect(standing(publish, [call('UpdateConfigurations', 'a', '1', 1)])).toEqual({ turn: 'taken' });
  expect(standing(publish, [call('UpdateConfigurations', 'a', '2', 1)])).toEqual({ turn: 'taken' });
  expect(standing(call('UpdateConfigurations', 'a', '1', 0), [call('UpdateConfigurations', 'a', '2', 1)]).turn).toBe(
    'superseded',
  );
});

test('without a turn in time it says what stood in the way', () => {
  expect(standing(run('a', '1', 0), [], true, 1_001)).toEqual({
    turn: 'late',
    why: 'the deployment production/Orders runs',
  });
});
