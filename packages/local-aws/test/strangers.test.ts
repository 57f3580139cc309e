/** What a local AWS runs are commands on a developer's machine: no web page and no other user may call it. */
import { request, type IncomingHttpHeaders } from 'node:http';
import { controlKeyOf, controlKeyVariable, takeControlKey } from '../src/control-key';
import { runProxy, type Proxy } from '../src/load-balancer/process/main';
import { startLocalAws, testControlKey, testCredentials, type LocalAws } from './local-aws';
import { signed } from './signed';
import { inTemporaryFolder } from './temporary-folder';

let local: LocalAws;
beforeAll(async () => {
  local = await startLocalAws();
});
afterAll(() => local.close());

interface Answer {
  readonly status: number | undefined;
  readonly body: string;
}

/** Sends exactly these headers: `fetch` would set Host by itself. */
async function send(
  address: string,
  { method = 'POST', headers = {}, body = '' }: { method?: string; headers?: IncomingHttpHeaders; body?: unknown } = {},
): Promise<Answer> {
  return await new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent: false }, (response) => {
      let text = '';
      response.on('data', (part: Buffer) => (text += part.toString()));
      response.once('end', () => resolve({ status: response.statusCode, body: text }));
    });
    sent.once('error', reject).end(body);
  });
}

const createCluster = async (address: string, more: Partial<Parameters<typeof signed>[1]> = {}) =>
  await signed(address, {
    service: 'ecs',
    body: '{"clusterName":"attacked"}',
    headers: { 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.CreateCluster' },
    ...more,
  });

const clusters = async (): Promise<unknown> => (await local.ecs.listClusters({})).clusterArns;

const strangers: [string, IncomingHttpHeaders][] = [
  ['a name that was resolved to 127.0.0.1', { host: 'evil.example' }],
  ['such a name with a port', { host: 'evil.example:4567' }],
  ['a name that begins like loopback', { host: '127.0.0.1.evil.example' }],
  ['a page of another origin', { origin: 'http://evil.example' }],
  ['a page on another port of this machine', { origin: 'http://127.0.0.1:1' }],
  ['a page without an origin of its own', { origin: 'null' }],
  ['an image or a link on a page of another site', { 'sec-fetch-site': 'cross-site' }],
];

describe.each(strangers)('%s', (_, headers) => {
  test('changes nothing at the API, even with the right signature', async () => {
    const { port } = new URL(local.aws.endpoint);
    // What a browser sends as Host is what was signed.
    const { headers: own, body } = await createCluster(`http://${headers.host ?? `127.0.0.1:${port}`}`);
    expect((await send(local.aws.endpoint, { headers: { ...own, ...headers }, body })).status).toBe(403);
    expect(await clusters()).toEqual([]);
  });

  test('sets no fault and reads no count on the control port', async () => {
    const body = JSON.stringify({ kind: 'capacity', tasks: 0 });
    const plain = { ...headers, 'content-type': 'text/plain' };
    expect((await send(`${local.aws.controlUrl}/faults`, { headers: plain, body })).status).toBe(403);
    expect((await send(`${local.aws.controlUrl}/calls`, { method: 'GET', headers })).status).toBe(403);
    expect(await (await fetch(`${local.aws.controlUrl}/faults`)).json()).toEqual([]);
  });

  test("doesn't end the load balancer", async () => {
    await inTemporaryFolder(async (folder) => {
      const ended: string[] = [];
      const log = { info: () => undefined, warn: () => undefined };
      const proxy: Proxy = await runProxy({
        folder,
        controlPort: 0,
        controlKey: testControlKey,
        log,
        end: (how) => void ended.push(how),
      });
      try {
        const answer = await send(`${proxy.controlUrl}/end?how=crash`, { headers });
        const put = await send(`${proxy.controlUrl}/configuration`, { method: 'PUT', headers, body: '{}' });
        expect([answer.status, put.status, ended]).toEqual([403, 403, []]);
      } finally {
        await proxy.close();
      }
    });
  });
});

test.each(['127.0.0.1', 'localhost', '[::1]'])('a program that calls it %s is answered', async (name) => {
  const { port } = new URL(local.aws.controlUrl);
  const host = `${name}:${port}`;
  expect((await send(`${local.aws.controlUrl}/health`, { method: 'GET', headers: { host } })).status).toBe(200);
  const own = { host, origin: `http://${host}` };
  expect((await send(`${local.aws.controlUrl}/health`, { method: 'GET', headers: own })).status).toBe(200);
});

const keyless: [string, (path: string) => string][] = [
  ['no key', (path) => path],
  ['another key', (path) => `/${'x'.repeat(43)}${path}`],
  ['the beginning of the key', (path) => `/${testControlKey.slice(0, -1)}${path}`],
  ['more than the key', (path) => `/${testControlKey}x${path}`],
  ['the key in the query', (path) => `${path}?key=${testControlKey}`],
  ['an empty segment first', (path) => `//${testControlKey}${path}`],
  ['the path that needs none before it', (path) => `/health/${testControlKey}${path}`],
];

test.each(keyless)(
  'another user of the machine, with %s, changes and reads nothing on the control port',
  async (_, at) => {
    const { origin } = new URL(local.aws.controlUrl);
    const fault = JSON.stringify({ kind: 'capacity', tasks: 0 });
    const identities = JSON.stringify({ users: { test: { policies: [] } } });
    const asked = [
      await send(`${origin}${at('/faults')}`, { body: fault }),
      await send(`${origin}${at('/identities')}`, { body: identities }),
      await send(`${origin}${at('/certificates')}`, { body: '{"names":["bank.example"]}' }),
      await send(`${origin}${at('/logins')}`),
      await send(`${origin}${at('/calls')}`, { method: 'GET' }),
      await send(`${origin}${at('/faults')}`, { method: 'DELETE' }),
    ];
    expect(asked.map(({ status }) => status)).toEqual(asked.map(() => 403));
    expect(await (await fetch(`${local.aws.controlUrl}/faults`)).json()).toEqual([]);
    const issued = (await (await fetch(`${local.aws.controlUrl}/certificates`)).json()) as { certificates: unknown };
    expect(issued.certificates).toEqual({});
    expect(await (await fetch(`${local.aws.controlUrl}/identities`)).json()).toEqual({ users: {}, roles: {} });
  },
);

test.each(keyless)('with %s, neither ends the load balancer nor tells it where to send requests', async (_, at) => {
  await inTemporaryFolder(async (folder) => {
    const ended: string[] = [];
    const log = { info: () => undefined, warn: () => undefined };
    const end = (how: string) => void ended.push(how);
    const proxy: Proxy = await runProxy({ folder, controlPort: 0, controlKey: testControlKey, log, end });
    try {
      const { origin } = new URL(proxy.controlUrl);
      const asked = [
        await send(`${origin}${at('/end')}`),
        await send(`${origin}${at('/configuration')}`, { method: 'PUT', body: '{}' }),
        await send(`${origin}${at('/targets')}`, { method: 'GET' }),
        await send(`${origin}${at('/counts')}`, { method: 'GET' }),
      ];
      expect([asked.map(({ status }) => status), ended]).toEqual([[403, 403, 403, 403], []]);
    } finally {
      await proxy.close();
    }
  });
});

test('whether the API answers may be asked without a key, and tells nothing else', async () => {
  const { origin } = new URL(local.aws.controlUrl);
  expect(await send(`${origin}/health`, { method: 'GET' })).toEqual({ status: 200, body: '{"healthy":true}' });
});

test('keys of the control ports are of each secret, stay the same over a restart, and tell nothing of it', () => {
  const [one, other] = [{ secretAccessKey: 'one' }, { secretAccessKey: 'other' }].map(controlKeyOf);
  expect(one).toBe(controlKeyOf({ secretAccessKey: 'one' }));
  expect(one).not.toBe(other);
  expect(one).toMatch(/^[\w-]{43}$/);
});

test.each([undefined, '', 'short'])('a process that was given %p as that key does not start', (given) => {
  try {
    if (given !== undefined) Object.assign(process.env, controlKeyVariable(given));
    expect(() => takeControlKey()).toThrow('must hold the key of the control ports');
  } finally {
    expect(process.env).not.toHaveProperty('LOCAL_AWS_CONTROL_KEY');
  }
});

test.each([
  ['another key', { credentials: { ...testCredentials, accessKeyId: 'local' } }, 'UnrecognizedClientException'],
  [
    'a key like a member of every object',
    { credentials: { ...testCredentials, accessKeyId: 'constructor' } },
    'UnrecognizedClientException',
  ],
  ['another secret', { credentials: { ...testCredentials, secretAccessKey: 'guessed' } }, 'InvalidSignatureException'],
  ['a signature of an hour ago', { at: new Date(Date.now() - 3_600_000) }, 'InvalidSignatureException'],
])('%s is refused', async (_, more, code) => {
  const answer = await send(local.aws.endpoint, await createCluster(local.aws.endpoint, more));
  expect(answer).toEqual({ status: 403, body: expect.stringContaining(code) as string });
  expect(await clusters()).toEqual([]);
});

test('a signature is good for the request that was signed, and no other', async () => {
  const { headers, body, method } = await createCluster(local.aws.endpoint);
  const right = headers['authorization'] ?? '';
  const attempts = [
    { method, headers, body: '{"clusterName":"other"}' },
    { method: 'PUT', headers, body },
    { method, headers: { ...headers, 'x-amz-target': 'AmazonEC2ContainerServiceV20141113.DeleteCluster' }, body },
    { method, headers: { ...headers, authorization: right.replace(/Signature=.*/, 'Signature=0') }, body },
    { method, headers: { ...headers, authorization: right.replace(/host;/, '') }, body },
    { method, headers: { ...headers, 'x-amz-security-token': 'none' }, body },
  ];
  for (const attempt of attempts) expect((await send(local.aws.endpoint, attempt)).status).toBe(403);
  expect((await send(`${local.aws.endpoint}/?other=1`, { method, headers, body })).status).toBe(403);
  expect(await clusters()).toEqual([]);
});

test('a link is no call: a signature in the query is none', async () => {
  const scope = 'test/20261122/us-east-1/elasticloadbalancing/aws4_request';
  const query = new URLSearchParams({
    Action: 'DescribeLoadBalancers',
    'X-Amz-Credential': scope,
    'X-Amz-Signature': '0',
  });
  const answer = await send(`${local.aws.endpoint}/?${query.toString()}`, { method: 'GET' });
  expect(answer).toEqual({ status: 403, body: expect.stringContaining('MissingAuthenticationToken') as string });
});
