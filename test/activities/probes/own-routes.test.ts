/** What somebody who reaches Temporal would make the worker ask: every probe refuses it before it connects to anything. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { lookup } from 'node:dns/promises';
import { probeActivities, probesOf, type Probes } from '../../../activities/probes';
import type { RouteAddress } from '../../../planning/routing/live-and-test-routes';
import { parseSettings } from '../../../settings/load';
import { listenerArn, testListenerArn } from '../../planning/zone';
import { probing, routeTo, serve, site, targetsAt, type ProbedServer } from './load-balancer';

jest.mock('node:dns/promises', () => ({ ...jest.requireActual<object>('node:dns/promises'), lookup: jest.fn() }));
const names = lookup as unknown as jest.Mock;

const dnsName = 'main-1.eu-west-1.elb.localhost';
let server: ProbedServer;
beforeAll(async () => void (server = await serve((_path, _times, response) => void response.end('1.0'))));
afterAll(() => server.close());
beforeEach(() => {
  server.asked.length = 0;
  names.mockReset().mockResolvedValue([{ address: '127.0.0.1' }]);
});

const settings = parseSettings(
  `zones:
  production:
    address: https://apps.example.com
    region: eu-west-1
    cluster: outsystems
    listener: '${listenerArn}'
    testListener: '${testListenerArn}'
    conditions: [{ header: X-Origin-Verify, values: [{ env: ORIGIN_SECRET }] }]
  other:
    address: https://other.example.com
    region: eu-west-1
    cluster: outsystems
    listener: '${listenerArn.replace('main', 'other')}'
    testListener: '${testListenerArn.replace('main', 'other')}'
    conditions: [{ header: X-Other, values: [{ env: OTHER_SECRET }] }]
`,
  'cutover.yaml',
);

/** AWS as far as it is asked. */
const elb = {
  send: ({ input }: { input: { ListenerArns?: string[]; LoadBalancerArns?: string[] } }) =>
    Promise.resolve(
      input.ListenerArns
        ? {
            Listeners: input.ListenerArns.map((arn) => ({
              LoadBalancerArn: /app\/\w+/.exec(arn)?.[0],
              Protocol: 'HTTP',
              Port: server.port,
            })),
          }
        : {
            LoadBalancers: input.LoadBalancerArns?.map((arn) => ({
              DNSName: dnsName.replace('main', arn.slice('app/'.length)),
            })),
          },
    ),
};

const asking = async <T>(
  ask: (probes: Probes) => Promise<T>,
  workflowId: string | undefined = 'production/Orders',
): Promise<T> =>
  (await new MockActivityEnvironment({
    workflowExecution: workflowId === undefined ? undefined : { workflowId, runId: 'run-1' },
  } as never).run(() => ask(probeActivities({ settings: () => settings, clientsOf: () => ({ elb }) as never })))) as T;

const own = (): RouteAddress => ({
  ...routeTo(server.port, dnsName),
  headers: { 'X-Origin-Verify': '${env:ORIGIN_SECRET}' },
});

/** Every activity of the probes, each asked for one path of a route. */
const every: readonly [keyof Probes, (probes: Probes, route: RouteAddress, path: string) => Promise<unknown>][] = [
  ['verifyModules', (probes, route, path) => probes.verifyModules(route, [path], { settleMs: 0 })],
  ['watchModules', (probes, route, path) => probes.watchModules(route, [path])],
  ['waitForHandover', (probes, route, path) => probes.waitForHandover(route, [path], { removeAfter: 0 })],
  ['describeReleases', (probes, route, path) => probes.describeReleases(route, [path])],
  ['describeEachReleases', (probes, route, path) => probes.describeEachReleases([own(), route], [path])],
  [
    'proveReleases',
    (probes, route, path) => probes.proveReleases(route, { blue: {}, green: { [path]: '1.0' }, expected: 'green' }),
  ],
];

const forged: readonly [string, Partial<RouteAddress>][] = [
  ['the machine’s metadata', { dnsName: '169.254.169.254', port: 80 }],
  ['a server on this machine', { dnsName: 'localhost' }],
  ['another zone’s load balancer', { dnsName: dnsName.replace('main', 'other') }],
  ['another port of the load balancer', { port: 22 }],
  ['another protocol', { protocol: 'HTTPS' }],
  ['another Host', { host: '169.254.169.254' }],
  ['a Host with a second header in it', { host: 'apps.example.com\r\nX-Any: 1' }],
  ['a header that no rule asks for', { headers: { 'X-Any': '1' } }],
  ['a file of this machine in a header', { headers: { 'X-Origin-Verify': '${file:/etc/passwd}' } }],
  ['the worker’s environment in a header', { headers: { 'X-Origin-Verify': '${env:AWS_SECRET_ACCESS_KEY}' } }],
  ['another zone’s secret', { headers: { 'X-Other': '${env:OTHER_SECRET}' } }],
];

const paths = [
  '/latest/meta-data/iam/security-credentials/role?',
  '/..',
  '//evil.example',
  '/Orders\r\nX-Any: 1',
  '/Orders HTTP/1.1',
  'Orders',
  '',
  '/Orders?x',
  '/Orders#x',
  '/%2e%2e',
  'http://169.254.169.254/',
];

describe.each(every)('%s', (_, ask) => {
  test.each(forged)('asks nothing of %s', async (_what, change) => {
    await expect(asking((probes) => ask(probes, { ...own(), ...change }, '/Orders'))).rejects.toMatchObject({
      type: 'NotOurs',
      nonRetryable: true,
    });
    expect(server.asked).toEqual([]);
  });

  test('asks for no path that a module can’t have', async () => {
    for (const path of paths)
      await expect(asking((probes) => ask(probes, own(), path))).rejects.toMatchObject({ type: 'NotOurs' });
    expect(server.asked).toEqual([]);
  });

  test.each([undefined, 'nowhere/Orders', '__proto__/Orders', 'other/Orders'])(
    'asks nothing for a run %s, which is of no such zone',
    async (workflowId) => {
      const asked = asking((probes) => ask(probes, own(), '/Orders'), workflowId ?? '');
      await expect(asked).rejects.toMatchObject({ type: 'NotOurs' });
      expect(server.asked).toEqual([]);
    },
  );

  test.each(['169.254.169.254', '::ffff:169.254.169.254', 'fe80::1', 'fd00:ec2::254', '0.0.0.0', '::'])(
    'connects to no %s, whoever answers for the load balancer’s name',
    async (address) => {
      process.env['ORIGIN_SECRET'] = 'of the CDN';
      names.mockResolvedValue([{ address }]);
      await expect(asking((probes) => ask(probes, own(), '/Orders'))).rejects.toMatchObject({ type: 'NotOurs' });
    },
  );
});

test('what is the zone’s own is asked, with its secret, and with no DNS server or file that the input names', async () => {
  process.env['ORIGIN_SECRET'] = 'of the CDN';
  const route: RouteAddress = {
    ...own(),
    resolver: '203.0.113.1',
    unverified: true,
    probe: {
      family: 'any',
      everyMs: 40,
      caFile: '/etc/passwd',
      certificateFile: '/etc/shadow',
      keyFile: '/etc/shadow',
    },
  };
  expect(await asking((probes) => probes.describeReleases(route, ['/Orders']))).toEqual({ '/Orders': '1.0' });
  expect(server.asked).toEqual(['/Orders/_cutover_release.txt']);
});

test('a name of AWS’s that leads to this machine is asked nothing', async () => {
  const amazon = 'main-1.eu-west-1.elb.amazonaws.com';
  const asked = probing((probes) => probes.describeReleases(routeTo(server.port, amazon), ['/Orders']));
  await expect(asked).rejects.toMatchObject({ type: 'NotOurs' });
  expect(server.asked).toEqual([]);
});

test('a target that is the machine’s metadata, or another module’s path of it, is asked nothing', async () => {
  const warm = (Id: string, path: string) =>
    new MockActivityEnvironment().run(() =>
      probesOf(targetsAt([{ Id, Port: 80 }])).verifyModules(routeTo(server.port), ['/Orders'], {
        settleMs: 0,
        replicas: { site, targetGroupArn: 'group', protocol: 'HTTP', paths: [path] },
      }),
    );
  await expect(warm('169.254.169.254', '/Orders')).rejects.toMatchObject({ type: 'NotOurs' });
  const replicas = { site, targetGroupArn: 'group', protocol: 'HTTP', paths: ['/../x'] };
  const forgedPath = asking((probes) => probes.verifyModules(own(), ['/Orders'], { settleMs: 0, replicas }));
  await expect(forgedPath).rejects.toMatchObject({ type: 'NotOurs' });
});

test('where a module sends elsewhere nobody goes', async () => {
  const sends = await serve(
    (_path, _times, response) =>
      void response.writeHead(302, { location: `http://127.0.0.1:${server.port}/secret` }).end(),
  );
  const releases = await probing((probes) => probes.describeReleases(routeTo(sends.port), ['/Orders']));
  expect([releases, server.asked, sends.asked]).toEqual([{ '/Orders': expect.anything() }, [], [expect.any(String)]]);
  await sends.close();
});

test('more paths and more ways than any application has are refused with a sentence, and nobody is asked', async () => {
  const paths = Array.from({ length: 2_001 }, (_, index) => `/Module${index}`);
  const refused = { type: 'NotOurs', message: expect.stringMatching(/^20\d\d paths are more than the 2000 of any/) };
  await expect(asking((probes) => probes.verifyModules(own(), paths, { settleMs: 0 }))).rejects.toMatchObject(refused);
  await expect(asking((probes) => probes.watchModules(own(), paths))).rejects.toMatchObject(refused);
  const long = asking((probes) => probes.watchModules(own(), [`/${'x'.repeat(1_000_000)}`]));
  await expect(long).rejects.toMatchObject({ message: expect.stringMatching(/^.{0,300}$/) });
  const each = Array.from({ length: 21 }, () => ({})) as never;
  for (const ask of ['verifyGreen', 'confirmGreen'] as const)
    await expect(asking((probes) => probes[ask](each))).rejects.toMatchObject({
      message: expect.stringMatching(/^21 ways are more than the 20/),
    });
  expect(server.asked).toEqual([]);
});
