/** What runs tell the people of their zone: each piece once in each channel, and no deployment waits for any of it. */
import { ApplicationFailure } from '@temporalio/common';
import type { NewsRequest } from '../../activities/news';
import type { AuditEntry } from '../../contract/audit';
import { newsIdOf } from '../../contract/news';
import { taskQueues } from '../../contract/ids';
import type { DeploymentRequest } from '../../contract/runbook-requests';
import { planBlueGreen } from '../../planning/plans/deployment';
import { inSlotA, observed } from '../planning/zone';
import { recordHistory } from '../suites/replay/histories';
import { waitingForApproval } from './blue-green';
import { planRequest, type Script } from './scripted-activities';
import { openWorld, quick } from './world';

const zone = 'production';
const sent: NewsRequest[] = [];
/** What the next tries of each channel come to; after these, it is told. */
const failures = new Map<string, ApplicationFailure[]>();
let channels = [{ channel: 'ops', repeatable: false }];

const sendNews = (request: NewsRequest): Promise<void> => {
  const failure = failures.get(request.channel)?.shift();
  if (failure?.type !== 'NewsLater') sent.push(request);
  return failure ? Promise.reject(failure) : Promise.resolve();
};
/** So many of the next looks at who is told fail, as when their worker dies. */
let failingLooks = 0;
const describeChannels = () =>
  failingLooks-- > 0 ? Promise.reject(new Error('The worker died.')) : Promise.resolve(channels);
const opening = openWorld({ activities: { describeChannels, sendNews } });
afterAll(async () => (await opening).close());

const notified: Script = {
  planBlueGreen: (asked: DeploymentRequest) => ({
    ...planBlueGreen(planRequest(asked), observed(inSlotA())),
    notified: true,
  }),
};
const failure = (type: string) => ApplicationFailure.nonRetryable('no', type, null);
const eventsFor = (channel: string) =>
  sent.filter((one) => one.channel === channel).flatMap(({ entries }) => entries.map(({ event }) => event));

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 20));
}

test('a deployment ends while a channel is away; then that channel is told all of it, in order, and the other has known at once', async () => {
  channels = [
    { channel: 'ops', repeatable: false },
    { channel: 'away', repeatable: false },
  ];
  failures.set('away', [failure('NewsLater'), failure('NewsLater')]);
  const deployment = await (await opening).deploy(quick, inSlotA(), notified);
  await deployment.until(waitingForApproval);
  await until(() => eventsFor('ops').includes('waits'));
  await deployment.handle.executeUpdate('approve', { args: [{ by: 'Ana' }] });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  await until(() => eventsFor('ops').includes('end') && eventsFor('away').includes('end'));
  for (const channel of ['ops', 'away']) {
    const events = eventsFor(channel);
    expect(events[0]).toBe('start');
    expect(events.at(-1)).toBe('end');
    expect(events.filter((event) => event === 'waits')).toHaveLength(1);
    expect(new Set(events)).toEqual(new Set(['start', 'waits', 'cut', 'end']));
  }
  const [first] = sent;
  expect(first?.entries[0]?.workflow).toMatch(/^production\//);
  await recordHistory('notified', () => deployment.handle.fetchHistory());
});

test('where nobody knows whether it was told, only who sees the repetition is told again; what is refused for good is left', async () => {
  channels = [
    { channel: 'unsure', repeatable: false },
    { channel: 'signed', repeatable: true },
    { channel: 'refusing', repeatable: false },
  ];
  failures.set('unsure', [failure('NewsUnanswered')]);
  failures.set('signed', [failure('NewsUnanswered')]);
  failures.set('refusing', [failure('NewsRefused')]);
  const { client } = await opening;
  const run = client.workflow.getHandle(newsIdOf(zone));
  const entry: AuditEntry = { ...sent[0]!.entries[0]!, run: 'run-1', number: 1, at: new Date().toISOString() };
  await run.signal('entries', [entry]);
  // The same again, and what is none.
  await run.signal('entries', [entry, { event: 'waits' }]);
  await run.signal('entries', [entry]);
  await run.signal('entries', [{ ...entry, event: 'waits', number: 2 }]);
  await until(() => ['unsure', 'signed', 'refusing'].every((channel) => eventsFor(channel).includes('waits')));
  expect(eventsFor('unsure')).toEqual(['start', 'waits']);
  expect(eventsFor('signed')).toEqual(['start', 'start', 'waits']);
  expect(eventsFor('refusing')).toEqual(['start', 'waits']);
  await recordHistory('zone-news', () => run.fetchHistory());
  await run.terminate('test');
});

test('a worker that dies as it looks up whom to tell costs nobody the news', async () => {
  channels = [{ channel: 'later', repeatable: false }];
  failingLooks = 2;
  const { client } = await opening;
  const entry: AuditEntry = { ...sent[0]!.entries[0]!, run: 'run-3', number: 1, at: new Date().toISOString() };
  const run = await client.workflow.start('zoneNews', {
    workflowId: newsIdOf('third'),
    taskQueue: taskQueues.workflows,
    args: [{ zone: 'third', entries: [entry, { ...entry, number: 2, event: 'end' }] }],
  });
  await until(() => eventsFor('later').length === 2);
  expect(eventsFor('later')).toEqual(['start', 'end']);
  await run.terminate('test');
});

test('a flood is told together, and what waited before a new beginning is told after it', async () => {
  channels = [{ channel: 'flood', repeatable: false }];
  const entry = (number: number): AuditEntry => ({
    ...sent[0]!.entries[0]!,
    run: 'run-2',
    number,
    at: new Date().toISOString(),
  });
  const numbers = Array.from({ length: 40 }, (_, at) => entry(at + 1));
  const { client } = await opening;
  const run = await client.workflow.start('zoneNews', {
    workflowId: newsIdOf('other'),
    taskQueue: taskQueues.workflows,
    args: [
      { zone: 'other', waiting: { flood: numbers.slice(0, 20) }, entries: numbers.slice(20), seen: [['run-2', 20]] },
    ],
  });
  await until(() => eventsFor('flood').length === 40);
  const messages = sent.filter(({ channel }) => channel === 'flood');
  expect(messages[0]?.entries).toHaveLength(20);
  expect(messages.flatMap(({ entries }) => entries.map(({ number }) => number))).toEqual(
    numbers.map(({ number }) => number),
  );
  await run.terminate('test');
});
