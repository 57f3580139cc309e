import { createServer, request } from 'node:http';
import { rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { hookListener, type ListenerOptions } from '../../hooks/listener';
import { NotStarted } from '../../hooks/hook-calls';
import { loadSecret } from '../../hooks/secret';
import { exposure } from '../../settings/hooks';
import { parseSettings } from '../../settings/load';
import type { HookCallRequest } from '../../contract/hook-calls';

const arn = 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/0123456789abcdef/0123456789abcdef';
const settings = String.raw`zones:
  production:
    address: https://apps.example.com
    region: eu-west-1
    cluster: outsystems
    listener: ${arn}
    testListener: ${arn}
    folders:
      target: { platform: 'D:\OutSystems\Target', mounted: /mnt/target }
      result: { platform: '\\files\share\Result', mounted: /mnt/result }
      config: { platform: 'D:\OutSystems\Config', mounted: /mnt/config }
  unready:
    address: https://unready.example.com
    region: eu-west-1
    cluster: outsystems
    listener: ${arn}
    testListener: ${arn}
`;
const secret = 'a-secret-that-is-long-enough';
const key = '0c4a5b6e-2f1d-4c8a-9a53-0C6A6F1F8F11';
const operation = '9b0a3c52-1111-4c8a-9a53-0c6a6f1f8f22';

const base64 = (text: string | Buffer) => Buffer.from(text).toString('base64');
const usual: Readonly<Record<string, string>> = {
  Address: base64('apps.example.com'),
  ApplicationName: base64('Órdenes'),
  ApplicationKey: base64(key),
  OperationId: base64(operation),
  TargetPath: base64(String.raw`D:\OutSystems\Target`),
  ResultPath: base64('\\\\FILES\\share\\result\\'),
  ConfigPath: base64('d:/OutSystems/Config'),
  ModuleNames: base64('["Orders","OrdersAPI"]'),
};

interface Listener {
  readonly get: (
    path: string,
    change?: Readonly<Record<string, string | null>>,
  ) => Promise<{ status: number; text: string }>;
  readonly raw: (path: string, method?: string) => Promise<{ status: number; text: string }>;
  readonly started: { readonly method: string; readonly request: HookCallRequest }[];
  readonly logged: () => string;
}

const opened: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of opened.splice(0)) await close();
});

async function listening(more = '', changes: Partial<ListenerOptions> = {}, text = settings): Promise<Listener> {
  const parsed = parseSettings(text + more, 'cutover.yaml');
  const started: Listener['started'] = [];
  const lines: string[] = [];
  const tell = (facts: object, sentence: string) => void lines.push(JSON.stringify({ ...facts, sentence }));
  const app = hookListener({
    settings: () => parsed,
    isSecret: loadSecret(parsed.hooks, { CUTOVER_HOOK_SECRET: secret }),
    hookCalls: {
      start: async (method, given) => {
        started.push({ method, request: given });
        return Promise.resolve({ workflowId: 'hook/x' });
      },
      check: () => Promise.resolve(),
      close: () => Promise.resolve(),
    },
    log: { info: tell, warn: tell },
    ...changes,
  });
  const answer = getRequestListener(app.fetch);
  const server = createServer({ maxHeaderSize: 192 * 1024 }, (req, res) => void answer(req, res));
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  opened.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const { port } = server.address() as AddressInfo;
  // Not fetch: that would tidy up the URL first.
  const raw: Listener['raw'] = (path, method = 'GET') =>
    new Promise((resolve, reject) => {
      const sent = request({ host: '127.0.0.1', port, path, method }, (res) => {
        let text = '';
        res.on('data', (part: Buffer) => (text += part.toString()));
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      });
      sent.on('error', reject).end();
    });
  const get: Listener['get'] = (path, change = {}) => {
    const query = new URLSearchParams();
    for (const [name, value] of Object.entries({ secret, ...usual, ...change }))
      if (value !== null) query.append(name, value);
    return raw(`${path}?${query.toString()}`);
  };
  return { get, raw, started, logged: () => lines.join('\n') };
}

test('a call starts its operation, with everything the platform said of it and no path', async () => {
  const listener = await listening();
  expect(await listener.get('/ECS/ContainerRun')).toMatchObject({ status: 202 });
  expect(listener.started).toEqual([
    {
      method: 'ContainerRun',
      request: {
        zone: 'production',
        applicationName: 'Órdenes',
        applicationKey: key,
        operationId: operation,
        modules: ['Orders', 'OrdersAPI'],
        calledAt: expect.any(String),
      },
    },
  ]);
});

test.each(['ContainerBuild', 'ContainerRun', 'UpdateConfigurations', 'ContainerRemove'])(
  'a %s without an Address is a connection test: 2xx, and nothing is started',
  async (method) => {
    const listener = await listening();
    expect(await listener.raw(`/anything/${method}?secret=${secret}`)).toMatchObject({ status: 200 });
    expect(listener.started).toEqual([]);
  },
);

test.each([
  ['a JSON array', '["A","B"]', ['A', 'B']],
  ['a list', 'A, B,', ['A', 'B']],
  ['nothing', '', undefined],
  ['an empty array', '[]', undefined],
  ['the same twice', 'A,a', ['a']],
])('module names as %s', async (_, text, modules) => {
  const listener = await listening();
  await listener.get('/ECS/ContainerBuild', { ModuleNames: base64(text) });
  expect(listener.started[0]?.request.modules).toEqual(modules);
});

test('a plus sign that the caller did not escape is still Base64', async () => {
  const listener = await listening();
  // "¾ïï" has a plus sign in its Base64.
  const name = base64('Ûï¾¾>>>');
  expect(name).toContain('+');
  const { text } = await listener.get('/ECS/ContainerRun', { ApplicationName: name.replaceAll('+', ' ') });
  expect(text).toMatch(/has started/);
  expect(listener.started[0]?.request.applicationName).toBe('Ûï¾¾>>>');
});

test.each([
  ['a bare IPv4 address', 'http://10.0.1.20', '10.0.1.20'],
  ['an IPv4 address with a port', 'http://10.0.1.20:8080', '10.0.1.20:8080'],
  ['a bare IPv6 address', 'http://[fd00::1]', 'fd00::1'],
  ['an IPv6 address in brackets', 'http://[fd00::1]:8080', '[fd00::1]:8080'],
])(
  'a zone may be known by %s, and have one folder on a share for everything, however its name ends',
  async (_, own, address) => {
    const share = String.raw`\\server\share\ `.trim();
    const folder = `{ platform: '${share}', mounted: /mnt/share }`;
    const zone = `    address: '${own}'
    region: eu-west-1
    cluster: outsystems
    listener: ${arn}
    testListener: ${arn}
    folders: { target: ${folder}, result: ${folder}, config: ${folder} }
`;
    const listener = await listening(`  plain:\n${zone}`);
    const paths = {
      TargetPath: base64(share),
      ResultPath: base64(String.raw`\\SERVER\share`),
      ConfigPath: base64('//server/share//'),
    };
    const { text } = await listener.get('/ECS/ContainerBuild', { Address: base64(address), ...paths });
    expect(text).toMatch(/has started/);
    expect(listener.started).toMatchObject([{ request: { zone: 'plain' } }]);
  },
);

const canary = 'CANARY-d41d8cd98f';

test.each([
  ['broken Base64', { ApplicationName: `${canary}!!` }, /ApplicationName is not Base64/],
  ['Base64 cut short', { ApplicationName: 'T3JkZXJ' }, /ApplicationName is not Base64/],
  ['invalid UTF-8', { ApplicationName: base64(Buffer.from([0x4f, 0xff, 0xfe])) }, /not UTF-8/],
  ['NUL', { ApplicationName: base64(`Orders\0${canary}`) }, /control character/],
  ['a line break, which would forge a log line', { ApplicationName: base64(`a\n${canary}`) }, /control character/],
  ['a name without end', { ApplicationName: base64('x'.repeat(101)) }, /ApplicationName: expected a name/],
  ['a key that climbs', { ApplicationKey: base64(`../../${canary}`) }, /ApplicationKey: expected a GUID/],
  ['a key with more behind it', { ApplicationKey: base64(`${key}/..`) }, /ApplicationKey: expected a GUID/],
  ['an operation with a wildcard', { OperationId: base64('*') }, /OperationId: expected a GUID/],
  ['another folder for results', { ResultPath: base64(`C:\\${canary}`) }, /ResultPath is another folder/],
  [
    'the folder with more behind it',
    { ResultPath: base64('\\\\files\\share\\Result\\..\\x') },
    /ResultPath is another/,
  ],
  ['another folder for bundles', { TargetPath: base64('/etc') }, /TargetPath is another folder/],
  ['another folder for configurations', { ConfigPath: base64('/etc') }, /ConfigPath is another folder/],
  ['no folder for results', { ResultPath: null }, /ResultPath: it is missing/],
  ['no folder for bundles', { TargetPath: null }, /TargetPath: it is missing/],
  ['no key', { ApplicationKey: null }, /ApplicationKey: it is missing/],
  ['a module that is a path', { ModuleNames: base64('["../../etc/passwd"]') }, /expected module names/],
  ['a module that is a pattern', { ModuleNames: base64('Orders,*') }, /expected module names/],
  ['a module that is no text', { ModuleNames: base64('[{"a":1}]') }, /ModuleNames/],
  ['module names that are broken JSON', { ModuleNames: base64('["Orders"') }, /expected a JSON array/],
  ['10,000 modules', { ModuleNames: base64(Array.from({ length: 10_000 }, (_, n) => `M${n}`).join()) }, /at most 1000/],
  ['an address of nobody', { Address: base64(`https://${canary}.example.com`) }, /Address is that of none/],
  ['an operator’s zone of nobody', { zone: canary }, /parameter "zone" names none/],
  ['a zone that JavaScript knows', { zone: '__proto__' }, /parameter "zone" names none/],
])('%s is refused with a sentence, and starts nothing', async (_, change, sentence) => {
  const listener = await listening();
  const { status, text } = await listener.get('/ECS/ContainerBuild', change);
  expect({ status, text }).toEqual({ status: 400, text: expect.stringMatching(sentence) });
  expect(listener.started).toEqual([]);
  expect(listener.logged() + text).not.toContain(canary);
  expect(listener.logged() + text).not.toContain(secret);
});

test.each(['ApplicationKey', 'secret', 'zone', 'Address'])('%s twice is refused', async (name) => {
  const listener = await listening();
  const query = new URLSearchParams({ secret, ...usual, zone: 'production' });
  query.append(name, query.get(name) ?? '');
  expect((await listener.raw(`/ECS/ContainerRun?${query.toString()}`)).status).toBe(400);
  expect(listener.started).toEqual([]);
});

test('a URL of 1 MiB is refused, and the listener goes on', async () => {
  const listener = await listening();
  const { status } = await listener
    .raw(`/ECS/ContainerRun?secret=${'x'.repeat(1024 * 1024)}`)
    .catch(() => ({ status: 0 }));
  expect([0, 414, 431]).toContain(status);
  expect((await listener.raw('/healthz')).status).toBe(200);
});

test.each([
  ['POST', '/ECS/ContainerRun', 405],
  ['HEAD', '/ECS/ContainerRun', 405],
  ['GET', '/ECS/Destroy', 404],
  ['GET', '/ContainerRun', 404],
  ['GET', '/', 404],
])('%s %s is no call', async (method, path, status) => {
  const listener = await listening();
  const query = new URLSearchParams({ secret, ...usual }).toString();
  expect((await listener.raw(`${path}?${query}`, method)).status).toBe(status);
  expect(listener.started).toEqual([]);
});

test('without the secret nothing is started, whatever else is right, and it is not even a connection test', async () => {
  const listener = await listening();
  for (const wrong of [null, '', 'guess', `${secret}x`])
    expect((await listener.get('/ECS/ContainerRun', { secret: wrong })).status).toBe(403);
  expect((await listener.raw('/ECS/ContainerRun')).status).toBe(403);
  expect(listener.started).toEqual([]);
});

test('no secret at all is refused at the start, unless the settings say so plainly', () => {
  const { hooks } = parseSettings(settings, 'cutover.yaml');
  expect(() => loadSecret(hooks, {})).toThrow(/Whoever reaches the listener could deploy/);
  expect(() => loadSecret(hooks, { CUTOVER_HOOK_SECRET: 'short' })).toThrow(/too short/);
  expect(loadSecret({ ...hooks, withoutSecret: true }, {})(undefined)).toBe(true);
});

describe('secrets of zones', () => {
  const files = {
    zone: join(tmpdir(), `cutover-zone-${process.pid}`),
    remove: join(tmpdir(), `cutover-remove-${process.pid}`),
  };
  const [ofZone, ofRemoval] = ['the-secret-of-production', 'the-secret-of-its-removals'];
  const own = `    hookSecrets: { file: ${files.zone}, methods: { ContainerRemove: ${files.remove} } }\n`;
  const call = async (listener: Listener, method: string, given: string): Promise<number> =>
    (await listener.get(`/ECS/${method}`, { secret: given })).status;
  beforeEach(() => {
    writeFileSync(files.zone, `${ofZone}\n`);
    writeFileSync(files.remove, `${ofRemoval}\n`);
  });
  afterEach(() => {
    for (const file of Object.values(files)) rmSync(file, { force: true });
  });
  // The zone before it has the folders: what is added belongs to "production".
  const withOwn = async () => await listening('', {}, settings.replace('    folders:', `${own}    folders:`));

  test('the secret of all zones takes no application of this one down, nor does that of its other calls', async () => {
    const listener = await withOwn();
    expect(await call(listener, 'ContainerRun', secret)).toBe(403);
    expect(await call(listener, 'ContainerRemove', secret)).toBe(403);
    expect(await call(listener, 'ContainerRemove', ofZone)).toBe(403);
    expect(listener.started).toEqual([]);
    expect(await call(listener, 'ContainerRun', ofZone)).toBe(202);
    expect(await call(listener, 'ContainerRemove', ofRemoval)).toBe(202);
  });

  test('two are good while the URLs are changed, and the old one is not once it is gone from the file', async () => {
    const listener = await withOwn();
    const next = 'the-next-secret-of-production';
    expect(await call(listener, 'ContainerRun', next)).toBe(403);
    writeFileSync(files.zone, `${ofZone}\n${next}\n`);
    expect([await call(listener, 'ContainerRun', ofZone), await call(listener, 'ContainerRun', next)]).toEqual([
      202, 202,
    ]);
    writeFileSync(files.zone, `${next}\n`);
    expect([await call(listener, 'ContainerRun', ofZone), await call(listener, 'ContainerRun', next)]).toEqual([
      403, 202,
    ]);
    rmSync(files.zone);
    expect(await call(listener, 'ContainerRun', next)).toBe(202);
  });

  test('a zone whose file is missing or has a short secret takes no calls, and says why', async () => {
    rmSync(files.zone);
    writeFileSync(files.remove, 'short');
    const listener = await withOwn();
    for (const given of ['short', secret, ofZone])
      expect([await call(listener, 'ContainerRun', given), await call(listener, 'ContainerRemove', given)]).toEqual([
        403, 403,
      ]);
    expect(listener.logged()).toMatch(/ENOENT[^]*too short/);
    expect(listener.started).toEqual([]);
  });
});

test('a listener that anybody reaches in clear text says so loudly', () => {
  const { hooks } = parseSettings(settings, 'cutover.yaml');
  expect(exposure(hooks, '0.0.0.0')).toMatch(/ANYBODY WHO REACHES THIS PORT MAY CALL/);
  expect(exposure(hooks, '::')).toBeDefined();
  expect(exposure(hooks, '127.0.0.1')).toBeUndefined();
  expect(exposure({ ...hooks, allowedAddresses: ['10.0.0.0/8'] }, '0.0.0.0')).toBeUndefined();
});

test('an address that is not allowed is refused, and one that calls too often', async () => {
  const stranger = await listening('hooks: { allowedAddresses: [10.0.0.0/8] }\n');
  expect((await stranger.get('/ECS/ContainerRun')).status).toBe(403);
  expect((await stranger.raw('/healthz')).status).toBe(200);
  const eager = await listening('hooks: { requestsPerMinute: 2 }\n');
  const statuses = [];
  for (let call = 0; call < 3; call++) statuses.push((await eager.get('/ECS/ContainerRun')).status);
  expect(statuses).toEqual([202, 202, 429]);
});

test('while Temporal can’t be reached the answer is 503 with a sentence, never 2xx', async () => {
  const listener = await listening('', {
    hookCalls: {
      start: () => Promise.reject(new NotStarted('connection refused')),
      check: () => Promise.reject(new Error('connection refused')),
      close: () => Promise.resolve(),
    },
  });
  expect(await listener.get('/ECS/ContainerRun')).toEqual({
    status: 503,
    text: expect.stringMatching(/Nothing was started, for Temporal can't be reached/),
  });
  expect((await listener.raw('/readyz')).status).toBe(503);
  expect((await listener.raw('/healthz')).status).toBe(200);
});

test('the operator’s zone parameter decides; a zone without folders says what is missing', async () => {
  const listener = await listening();
  expect(await listener.get('/ECS/ContainerRun', { zone: 'unready' })).toEqual({
    status: 503,
    text: expect.stringMatching(/zone unready has no "folders"/),
  });
  await listener.get('/ECS/ContainerRun', { zone: 'production', Address: base64('10.0.0.1') });
  expect(listener.started.map(({ request: { zone } }) => zone)).toEqual(['production']);
});
