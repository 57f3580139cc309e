import { formatReport, succeeded, type DemoReport } from '../../../local/demo/report';

const migration = {
  title: 'Orders 1.4.2',
  application: 'Orders',
  strategy: 'blueGreen',
  image: 'orders:1.4.2',
  outcome: 'completed',
  seconds: 36.6,
  phases: { plan: 0.7, start: 10.4 },
  requests: { sent: 4438, failed: 0 },
  awsCalls: { 'ecs:CreateService': 1 },
  historyEvents: 169,
};
const next = {
  ...migration,
  title: 'Orders 1.5.0',
  image: 'orders:1.5.0',
  awsCalls: { 'ecs:UpdateService': 2 },
  phases: { plan: 0.2 },
};
const good: DemoReport = {
  deployments: [migration, next],
  requests: { sent: 9000, failed: 0 },
  answeredBy: [{ application: 'Orders', who: 'container 1.4.2', first: 0, last: 61_500, answers: 2691 }],
  failures: [],
};

test.each([
  ['a request was lost', { ...good, requests: { sent: 9000, failed: 1 } }],
  ['a deployment is missing', { ...good, deployments: [migration] }],
  ['a deployment was rolled back', { ...good, deployments: [migration, { ...next, outcome: 'rolledBack' }] }],
  ['nothing was ever sent', { ...good, requests: { sent: 0, failed: 0 } }],
])('the demo has failed when %s', (_what, report) => {
  expect(succeeded(report, 2)).toBe(false);
});

test('the tables name who answered when, the calls of each deployment, and every failure', () => {
  const text = formatReport({ ...good, failures: ['reset http://127.0.0.1/Orders/'] }).join('\n');
  expect(succeeded(good, 2)).toBe(true);
  for (const line of [
    /Orders 1\.5\.0 .* completed .* 36\.6 .* 4438 .* 0 .* 169/,
    /start +│ +10\.4 │ +│/,
    /ecs:UpdateService +│ +│ +2 │/,
    /container 1\.4\.2 │ 00:00:00\.0 │ 00:01:01\.5 │ +2691/,
    /reset http/,
    /9000 requests, 0 failed/,
  ]) {
    expect(text).toMatch(line);
  }
});
