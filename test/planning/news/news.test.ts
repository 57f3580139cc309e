/** What people are told, in words and in each channel's own form. */
import { formatPlain, formatSubject, slackMessage, teamsMessage } from '../../../planning/news/messages';
import { channelsFor, newsOf, type Entry, type News } from '../../../planning/news/news';
import { parseSettings } from '../../../settings/load';
import { zone as settingsZone } from '../../settings/minimal';

const settings = (text: string) => parseSettings(`${text}\n${settingsZone}`, 'cutover.yaml').notifications;
const linked = settings('notifications: { links: { temporalUi: https://temporal.example.com/ } }');

const entry = (event: string, facts: Entry['facts'] = {}): Entry => ({
  event,
  at: '2026-11-30T10:00:00.000Z',
  application: 'Orders',
  workflow: 'production/Orders',
  run: 'run-1',
  number: 4,
  facts,
});
const newsFrom = (event: string, facts: Entry['facts'] = {}): News =>
  newsOf(entry(event, facts), 'production', linked, {
    namespace: 'default',
    page: 'https://cutover.example.com',
  }) as News;

const image = 'registry.example.com/orders:2.0';
const until = '2026-11-30T12:00:00.000Z';

test.each<[string, Entry['facts'], Partial<News>]>([
  [
    'start',
    { runbook: 'blueGreen', image, by: 'Eva', reason: 'spring' },
    {
      kind: 'started',
      says: 'Orders in production: a blue-green deployment of 2.0 has begun, started by Eva: spring',
      wanted: null,
    },
  ],
  [
    'waits',
    { image, until },
    {
      kind: 'waits',
      says: 'Orders in production: the deployment of 2.0 is verified and waits for an approval.',
      wanted: {
        what: 'Approve or reject it; without an answer it is rolled back.',
        by: until,
        commands: ['cutover approve Orders --zone production', 'cutover reject Orders --zone production'],
      },
    },
  ],
  [
    'sick',
    { image, failure: 'Target 10.0.0.7:8080 is unhealthy.' },
    {
      kind: 'sick',
      says: 'Orders in production: green of 2.0, which waits for an approval, is sick: Target 10.0.0.7:8080 is unhealthy.',
      wanted: null,
    },
  ],
  [
    'hold',
    { phase: 'start', failure: 'There is no room.', until: null, restorable: true },
    {
      kind: 'holds',
      says: 'Orders in production: the deployment holds in start: There is no room.',
      wanted: {
        what: 'Mend the cause and retry, or roll back.',
        by: null,
        commands: ['cutover retry Orders --zone production', 'cutover rollback Orders --zone production'],
      },
    },
  ],
  [
    'hold',
    { phase: 'retire', failure: 'A target stays.', until: null, restorable: false },
    {
      wanted: {
        what: 'Mend the cause and retry.',
        by: null,
        commands: ['cutover retry Orders --zone production'],
      },
    },
  ],
  [
    'cut',
    { greenPercent: 10, image },
    { kind: 'shifted', says: 'Orders in production: green of 2.0 has 10 % of live traffic.' },
  ],
  ['end', { outcome: 'completed', image }, { kind: 'completed' }],
  [
    'end',
    { outcome: 'rolledBack', failure: 'Rejected by Rui.' },
    { kind: 'rolledBack', says: 'Orders in production: the deployment was rolled back: Rejected by Rui.' },
  ],
  ['end', { outcome: 'failed', failure: 'There is no such image.' }, { kind: 'failed' }],
])('%s of %j tells what happened, what is wanted, by when, and how', (event, facts, told) => {
  expect(newsFrom(event, facts)).toMatchObject({
    ...told,
    id: 'run-1/4',
    link: 'https://temporal.example.com/namespaces/default/workflows/production%2FOrders/run-1/history',
  });
});

test.each<[string, Entry['facts']]>([
  ['command', { command: 'pause' }],
  ['approval', {}],
  ['cut', { begins: true }],
  ['cut', { greenPercent: 0 }],
  ['served', {}],
  ['end', { outcome: 'unheard of' }],
])('%s of %j is no news', (event, facts) => {
  expect(newsOf(entry(event, facts), 'production', linked, { namespace: 'default' })).toBeUndefined();
});

test('a channel is told of what it asks for, of its zones and applications alone', () => {
  const asked = settings(`notifications:
  channels:
    - { name: all, kind: slack, url: { env: SLACK_URL } }
    - { name: asked, kind: slack, url: { env: SLACK_URL }, events: [waits, holds] }
    - { name: elsewhere, kind: slack, url: { env: SLACK_URL }, zones: [test] }
    - { name: others, kind: slack, url: { env: SLACK_URL }, applications: [Invoices] }`);
  const told = (event: string) => channelsFor(entry(event), 'production', asked).map(({ name }) => name);
  expect(told('start')).toEqual(['all']);
  expect(told('waits')).toEqual(['all', 'asked']);
  expect(told('command')).toEqual([]);
});

test.each([
  [
    'an address without https',
    '{ name: a, kind: teams, url: "ftp://example.com" }',
    /channels\.0\.url: expected an address/,
  ],
  [
    'a secret in plain sight',
    '{ name: a, kind: webhook, url: "https://example.com", secret: abc }',
    /channels\.0\.secret/,
  ],
  ['a FIFO topic', '{ name: a, kind: sns, topic: "arn:aws:sns:eu-west-1:123456789012:news.fifo" }', /no FIFO topic/],
  [
    'an event that there is none of',
    '{ name: a, kind: slack, url: { env: A }, events: [deployed] }',
    /channels\.0\.events\.0/,
  ],
  [
    'two of one name',
    '{ name: a, kind: slack, url: { env: A } }, { name: a, kind: slack, url: { env: A } }',
    /different names/,
  ],
])('%s is refused, and where it stands is said', (_, channels, sentence) => {
  expect(() => settings(`notifications: { channels: [${channels}] }`)).toThrow(sentence);
});

test('buttons lead to the page and to the Temporal UI, and to neither where the settings do not say where they are', () => {
  const page = 'https://cutover.example.com/dashboard/#/production/Orders';
  const temporal = 'https://temporal.example.com/namespaces/default/workflows/production%2FOrders/run-1/history';
  const linkedNews = [newsFrom('waits', { image })];
  expect(JSON.stringify(slackMessage(linkedNews))).toMatch(new RegExp(`${quoted(page)}.*${quoted(temporal)}`));
  expect(JSON.stringify(teamsMessage(linkedNews))).toMatch(new RegExp(`${quoted(page)}.*${quoted(temporal)}`));
  expect(formatPlain(linkedNews).split('\n').slice(-2)).toEqual([page, temporal]);
  const { link, page: none } = newsOf(entry('waits'), 'production', settings(''), { namespace: 'default' }) as News;
  expect([link, none]).toEqual([null, null]);
  const unlinked = [{ ...newsFrom('waits', { image }), link: null, page: null }];
  expect(JSON.stringify([slackMessage(unlinked), teamsMessage(unlinked)])).not.toMatch(/button|OpenUrl/);
});

const quoted = (text: string) => text.replaceAll(/[.?#/]/g, String.raw`\$&`);

describe('what others wrote', () => {
  const hostile = newsFrom('hold', {
    phase: 'start',
    failure: '<!channel> <https://evil.example|click> **[x](https://evil.example)** & Zoë said: `rm`\nApproved',
    restorable: false,
  });

  test('calls nobody in Slack, and is no link there', () => {
    const { blocks } = slackMessage([hostile]) as { blocks: { type: string; text?: { type: string; text: string } }[] };
    expect(blocks[0]?.text?.type).toBe('plain_text');
    expect(blocks[0]?.text?.text).not.toMatch(/<!channel>|<https/);
  });

  test('is no Markdown in a card', () => {
    const card = JSON.stringify(teamsMessage([hostile]));
    expect(card).not.toMatch(/[^\\]\[x/);
    expect(card).toContain(String.raw`\\[x\\]\\(https`);
  });

  test('is printable ASCII in a subject, and never too long', () => {
    const subject = formatSubject([{ ...hostile, says: hostile.says.repeat(10) }]);
    expect(subject).toMatch(/^cutover: [\x20-\x7e]+$/);
    expect(subject).toHaveLength(100);
  });
});

test('of many at once, what people are wanted for comes first, and a message stays within the limits', () => {
  const many = [
    ...Array.from({ length: 80 }, () => newsFrom('start', { runbook: 'undo' })),
    newsFrom('waits', { until }),
  ];
  expect(formatPlain(many).split('\n')[0]).toMatch(/waits for an approval/);
  const { blocks } = slackMessage(many) as { blocks: object[] };
  expect(blocks.length).toBeLessThanOrEqual(50);
  expect(JSON.stringify(blocks)).toMatch(/and 61 more/);
  expect(JSON.stringify(blocks[0])).toMatch(/waits for an approval/);
});
