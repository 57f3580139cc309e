/** News on its way to servers that refuse it, limit it, break off or never answer: nobody is told twice who can't see it. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Webhook } from 'standardwebhooks';
import { newsActivities, newsQuestions } from '../../../activities/news';
import type { AuditEntry } from '../../../contract/audit';
import { parseSettings } from '../../../settings/load';
import { zone as settingsZone } from '../../settings/minimal';

const secret = `whsec_${Buffer.from('a secret of thirty-two characters').toString('base64')}`;
const environment = { ...process.env };
const open: Server[] = [];
beforeEach(() =>
  Object.assign(process.env, { NEWS_SECRET: secret, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret' }),
);
afterEach(() => void (process.env = { ...environment }));
afterAll(() => open.forEach((server) => (server.closeAllConnections(), server.close())));

interface Request {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

async function serve(answer: RequestListener): Promise<{ readonly url: string; readonly requests: Request[] }> {
  const requests: Request[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      requests.push({ headers: request.headers, body: Buffer.concat(parts).toString() });
      answer(request, response);
    });
  });
  open.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

const entry = (event: AuditEntry['event'] = 'waits', number = 4): AuditEntry => ({
  event,
  at: '2026-11-30T10:00:00.000Z',
  application: 'Orders',
  workflow: 'production/Orders',
  run: 'run-1',
  number,
  facts: { image: 'orders:2.0' },
});

const answering =
  (status: number, headers: Record<string, string> = {}): RequestListener =>
  (_, response) =>
    void response.writeHead(status, headers).end();

async function closedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

/** A name of its own for each: a channel is told once in a second. */
let names = 0;
async function send(channel: string, entries = [entry()]): Promise<void> {
  const name = `channel-${++names}`;
  const text = `notifications: { channels: [{ name: ${name}, ${channel} }] }\n${settingsZone}`;
  const { sendNews } = newsActivities({ settings: () => parseSettings(text, 'cutover.yaml') });
  await new MockActivityEnvironment().run(sendNews, { zone: 'production', channel: name, entries });
}
const webhook = (url: string) => `kind: webhook, url: "${url}", secret: { env: NEWS_SECRET }`;

test('a webhook is signed so that the library of the standard takes it, and none that was changed or is another', async () => {
  const { url, requests } = await serve(answering(200));
  await send(webhook(url));
  await send(webhook(url));
  const [first, again] = requests as [Request, Request];
  const headers = first.headers as Record<string, string>;
  expect(new Webhook(secret).verify(first.body, headers)).toMatchObject({
    type: 'cutover.news',
    events: [{ kind: 'waits', application: 'Orders', id: 'run-1/4' }],
  });
  expect(() => new Webhook(secret).verify(first.body.replace('Orders', 'Others'), headers)).toThrow(/signature/);
  expect(again.headers['webhook-id']).toBe(headers['webhook-id']);
  await send(webhook(url), [entry('waits', 5)]);
  expect(requests[2]?.headers['webhook-id']).not.toBe(headers['webhook-id']);
});

test.each<[string, RequestListener, object]>([
  ['limits its rate', answering(429, { 'retry-after': '7' }), { type: 'NewsLater', details: [7_000] }],
  ['is broken', answering(503), { type: 'NewsLater', details: [null] }],
  ['refuses it', answering(404), { type: 'NewsRefused' }],
  ['breaks off', (request) => void request.socket.destroy(), { type: 'NewsUnanswered' }],
  ['leads elsewhere', answering(302, { location: 'http://169.254.169.254/' }), { type: 'NewsRefused' }],
])('who %s is known for it', async (_, answer, failure) => {
  const { url } = await serve(answer);
  await expect(send(`kind: slack, url: "${url}"`)).rejects.toMatchObject(failure);
});

test('a trial message arrives, or a sentence says why not', async () => {
  const { url, requests } = await serve(answering(200));
  const { url: broken } = await serve(answering(503));
  const channels = `{ name: ops, kind: slack, url: "${url}" }, { name: down, kind: slack, url: "${broken}" }, { name: other, kind: slack, url: "${url}", zones: [test] }`;
  const text = `notifications: { channels: [${channels}] }\ndashboard: { url: 'https://cutover.example.com' }\n${settingsZone}`;
  const { tryChannel } = newsQuestions({ settings: () => parseSettings(text, 'cutover.yaml') });
  const tried = async (channel: string) =>
    await new MockActivityEnvironment().run(tryChannel, { zone: 'production', channel });
  expect(await tried('ops')).toEqual({ sent: true });
  expect(requests[0]?.body).toMatch(/A trial message of cutover for the channel ops in production/);
  expect(requests[0]?.body).toContain('https://cutover.example.com/dashboard/#/production');
  await expect(tried('down')).rejects.toThrow('down was not told: the answer was 503.');
  await expect(tried('other')).rejects.toThrow('other is told nothing of production: its zones say so.');
  await expect(tried('nobody')).rejects.toThrow("The worker's settings have no channel nobody: ops, down, other.");
});

test('where nobody listens, or a secret isn’t there, nothing was taken', async () => {
  const { url } = await serve(answering(200));
  const closed = await closedPort();
  await expect(send(`kind: teams, url: "http://127.0.0.1:${closed}"`)).rejects.toMatchObject({ type: 'NewsLater' });
  delete process.env['NEWS_SECRET'];
  await expect(send(webhook(url))).rejects.toMatchObject({
    type: 'NewsLater',
    message: expect.not.stringContaining('whsec'),
  });
});

test('an address that is a secret is in no message of a failure', async () => {
  process.env['SLACK_URL'] = 'http://127.0.0.1:1/services/T000/B000/secret';
  const failed = send('kind: slack, url: { env: SLACK_URL }');
  await expect(failed).rejects.toMatchObject({ message: expect.not.stringMatching(/services/) });
});

test('a topic of SNS gets text and attributes to filter by, a bus of EventBridge an event; what they refuse is told later', async () => {
  const sns = await serve(
    (_, response) => void response.writeHead(200, { 'content-type': 'text/xml' }).end('<PublishResponse/>'),
  );
  process.env['AWS_ENDPOINT_URL'] = sns.url;
  await send('kind: sns, topic: "arn:aws:sns:eu-west-1:123456789012:news"');
  const published = new URLSearchParams(sns.requests[0]?.body);
  expect(published.get('Message')).toMatch(/waits for an approval.*\n.*\n {4}cutover approve Orders --zone production/);
  expect([...published.values()]).toEqual(expect.arrayContaining(['kind', 'waits', 'zone', 'production']));

  const bus = 'kind: eventBridge, bus: "arn:aws:events:eu-west-1:123456789012:event-bus/ops"';
  const answers = [
    { FailedEntryCount: 0, Entries: [{ EventId: '1' }] },
    { FailedEntryCount: 1, Entries: [{ ErrorCode: 'ThrottlingException', ErrorMessage: 'Rate exceeded' }] },
  ];
  const events = await serve(
    (_, response) =>
      void response
        .writeHead(200, { 'content-type': 'application/x-amz-json-1.1' })
        .end(JSON.stringify(answers.shift())),
  );
  process.env['AWS_ENDPOINT_URL'] = events.url;
  await send(bus);
  const { Entries } = JSON.parse(events.requests[0]?.body ?? '') as {
    Entries: { Source: string; DetailType: string; Detail: string }[];
  };
  expect(Entries).toMatchObject([{ Source: 'cutover', DetailType: 'Cutover waits' }]);
  expect(JSON.parse(Entries[0]?.Detail ?? '')).toMatchObject({ application: 'Orders', wanted: { by: null } });
  await expect(send(bus)).rejects.toMatchObject({
    type: 'NewsLater',
    message: expect.stringMatching(/ThrottlingException: Rate exceeded/),
  });
});
