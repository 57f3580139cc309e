import { hookCallIdOf, type HookMethod } from '../../../contract/hook-calls';
import type { Entry, RunningDeployment } from '../../../contract/turns';
import { earlierSuperseding, settle } from '../../../workflows/turns/standing';

const key = (letter: string) => `${letter.repeat(8)}-0000-0000-0000-000000000000`;
const at = (ms: number) => new Date(ms).toISOString();

const call = (method: HookMethod, application: string, operation: string, startedAt: number): Entry => ({
  workflowId: hookCallIdOf(method, { applicationKey: key(application), operationId: key(operation) }),
  runId: `${method} ${application}${operation}`,
  startedAt: at(startedAt),
  lock: `production/${application}`,
  atOnce: 2,
  until: at(1_000),
  hasTurn: false,
});
const run = (application: string, operation: string, startedAt: number) =>
  call('ContainerRun', application, operation, startedAt);
const having = (entry: Entry): Entry => ({ ...entry, hasTurn: true });
const deploying = (application: string): RunningDeployment => ({ lock: `production/${application}`, runId: 'a run' });

/** How a call stands among these. */
function standing(own: Entry, others: readonly Entry[] = [], deployments: readonly RunningDeployment[] = [], now = 0) {
  const { standings } = settle({ entries: [...others, own], deployments: [...deployments] }, now);
  return standings.get(own.workflowId);
}

test('whoever is alone goes', () => {
  expect(standing(run('a', '1', 0))).toEqual({ turn: 'taken' });
});

test('no more go at once than the zone allows: the oldest first, and an application counts once', () => {
  const others = [run('b', '1', 1), call('UpdateConfigurations', 'b', '1', 2), run('c', '1', 4)];
  expect(standing(run('a', '1', 3), others)).toEqual({ turn: 'taken' });
  expect(standing(run('a', '1', 5), others)).toMatchObject({
    turn: 'waits',
    position: 4,
    why: expect.stringMatching(/2 other appl/),
  });
});

test('who has its turn was there first, however old a call is that comes later', () => {
  const others = [having(run('b', '1', 5)), having(run('c', '1', 6))];
  expect(standing(run('a', '1', 0), others)).toMatchObject({ turn: 'waits', why: expect.stringMatching(/2 other/) });
});

test('of two that started in the same moment exactly one is first', () => {
  const entries = [run('a', '1', 5), run('b', '1', 5)].map((one) => ({ ...one, atOnce: 1 }));
  const { queue } = settle({ entries, deployments: [] }, 0);
  expect(queue.entries.map(({ hasTurn }) => hasTurn)).toEqual([true, false]);
});

test('a place that becomes free goes to the oldest, and one place to one call', () => {
  const waiting = Array.from({ length: 5 }, (_, index) => ({ ...run(`a${index}`, '1', index), atOnce: 2 }));
  const { queue } = settle({ entries: waiting.toReversed(), deployments: [] }, 0);
  expect(queue.entries.filter(({ hasTurn }) => hasTurn).map(({ lock }) => lock)).toEqual([
    'production/a0',
    'production/a1',
  ]);
  const [, ...rest] = queue.entries;
  expect(settle({ entries: rest, deployments: [] }, 0).standings.get(waiting[2]!.workflowId)).toEqual({
    turn: 'taken',
  });
});

test('a deployment that runs is waited for, and asked to give way only by a publish', () => {
  const running = [deploying('a')];
  const deployment = running[0];
  expect(standing(run('a', '1', 0), [], running)).toMatchObject({ turn: 'waits', supersedes: true, deployment });
  expect(standing(call('ContainerRemove', 'a', '1', 0), [], running)).toMatchObject({ supersedes: false, deployment });
  expect(standing(call('UpdateConfigurations', 'a', '1', 0), [], running)).toMatchObject({ supersedes: false });
  expect(standing(run('a', '1', 0), [], [deploying('b')])).toEqual({ turn: 'taken' });
});

test('an older call never comes after a newer one of the same application', () => {
  expect(standing(run('a', '1', 0), [run('a', '2', 1)])).toEqual({
    turn: 'superseded',
    by: expect.stringMatching(/^ContainerRun of operation 2/),
  });
  expect(standing(run('a', '2', 1), [having(run('a', '1', 0))])).toMatchObject({
    turn: 'waits',
    why: expect.stringMatching(/^ContainerRun of operation 1.* is not over$/),
  });
});

test('a removal that anybody with the URL can ask for keeps no publish from its turn, and takes no configuration away', () => {
  const removal = call('ContainerRemove', 'a', '9', 1);
  expect(standing(run('a', '1', 0), [removal])).toEqual({ turn: 'taken' });
  expect(standing(call('UpdateConfigurations', 'a', '1', 0), [removal])).toEqual({ turn: 'taken' });
  expect(standing(run('a', '1', 2), [removal])).toEqual({ turn: 'taken' });
  expect(standing(removal, [run('a', '1', 2)])?.turn).toBe('superseded');
});

test('a queue that began earlier goes on as it began: a removal took a publish’s place then', () => {
  const entries = [run('a', '1', 0), call('ContainerRemove', 'a', '9', 1)];
  const { standings } = settle({ entries, deployments: [] }, 0, earlierSuperseding);
  expect([...standings.values()].map(({ turn }) => turn)).toEqual(['superseded', 'taken']);
});

test('who gives way leaves its place to others', () => {
  const entries = [run('a', '1', 0), run('b', '1', 1), run('a', '2', 2)].map((one) => ({ ...one, atOnce: 1 }));
  const { queue } = settle({ entries, deployments: [] }, 0);
  expect(queue.entries.map(({ lock, hasTurn }) => [lock, hasTurn])).toEqual([
    ['production/b', true],
    ['production/a', false],
  ]);
});

test('the calls of one publish, and a configuration behind a publish, take nobody’s place', () => {
  const publish = run('a', '1', 0);
  expect(standing(publish, [call('UpdateConfigurations', 'a', '1', 1)])).toEqual({ turn: 'taken' });
  expect(standing(publish, [call('UpdateConfigurations', 'a', '2', 1)])).toEqual({ turn: 'taken' });
  const configuration = call('UpdateConfigurations', 'a', '1', 0);
  expect(standing(configuration, [call('UpdateConfigurations', 'a', '2', 1)])?.turn).toBe('superseded');
});

test('without a turn in time it says what stood in the way, and is left out', () => {
  const late = run('a', '1', 0);
  expect(standing(late, [], [deploying('a')], 1_001)).toEqual({
    turn: 'late',
    why: 'the deployment production/a runs',
  });
  expect(settle({ entries: [late], deployments: [deploying('a')] }, 1_001).queue).toEqual({
    entries: [],
    deployments: [],
  });
});
