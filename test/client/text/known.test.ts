import { formatKnown } from '../../../client/text/known';

test('while no worker answers, status says phase, since when, what is wanted, and what waits for a worker', () => {
  const known = {
    workflowId: 'production/Orders',
    runId: 'run-1',
    phase: 'hold',
    heldIn: 'start',
    paused: false,
    image: 'orders:2.0',
    waitingFor: 'Retry or roll back.',
    deadline: '2026-11-30T12:00:00.000Z',
    stuck: null,
    since: '2026-11-30T10:00:00.000Z',
    pending: ['watchReplicas waits for a worker since 2026-11-30T10:00:01.000Z'],
  };
  expect(formatKnown(known, Date.parse('2026-11-30T10:05:00.000Z'))).toEqual([
    'production/Orders: holds in start (orders:2.0), since 2026-11-30T10:00:00.000Z (5m)',
    'Run: run-1',
    'Wanted: Retry or roll back.',
    'By itself at 2026-11-30T12:00:00.000Z, once a worker is there',
    'Pending: watchReplicas waits for a worker since 2026-11-30T10:00:01.000Z',
    'This is what Temporal itself knows. What serves goes on serving.',
  ]);
});
