/** What strangers may take of the hook listener: neither calls, nor Temporal, nor log lines, nor memory. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { get } from 'node:https';
import { connect as connectPlainly, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import type { Hono } from 'hono';
import { hookListener } from '../../hooks/listener';
import { callerOf, callRate } from '../../hooks/rate';
import { loadSecret } from '../../hooks/secret';
import { createHookServer, type HookServer, type Patience } from '../../hooks/server';
import { parseSettings } from '../../settings/load';
import { listenerArn, testListenerArn } from '../planning/zone';

const secret = 'a-secret-that-is-long-enough';
const parsed = (hooks = '') =>
  parseSettings(
    `zones:\n  production: { address: 'https://apps.example.com', region: eu-west-1, cluster: c, listener: '${listenerArn}', testListener: '${testListenerArn}' }\n${hooks}`,
    'cutover.yaml',
  );

/** The listener without a socket: who calls is what the test says. */
function listening(hooks = '') {
  let settings = parsed(hooks);
  const lines: string[] = [];
  let checks = 0;
  let temporal: Promise<void> = Promise.resolve();
  /** As pino's, it works only as a method of its own. */
  class Log {
    readonly #lines = lines;
    info(facts: object, sentence: string) {
      this.#lines.push(JSON.stringify({ ...facts, sentence }));
    }
    warn(facts: object, sentence: string) {
      this.info(facts, sentence);
    }
  }
  const app: Hono = hookListener({
    settings: () => settings,
    isSecret: loadSecret(settings.hooks, { CUTOVER_HOOK_SECRET: secret }),
    hookCalls: {
      start: () => Promise.resolve({ workflowId: 'hook/x' }),
      check: () => ((checks += 1), temporal),
      close: () => Promise.resolve(),
    },
    log: new Log(),
  });
  const ask = async (path: string, address = '10.0.0.1') => {
    const env = { incoming: { socket: { remoteAddress: address, remotePort: 1, remoteFamily: 'IPv4' } } };
    const answer = await app.request(`http://hooks${path}`, undefined, env);
    return { status: answer.status, text: await answer.text() };
  };
  return {
    ask,
    test: async (given: string, address?: string) => (await ask(`/x/ContainerRun?secret=${given}`, address)).status,
    edit: (edited: string) => void (settings = parsed(edited)),
    fail: (why: string) => void (temporal = Promise.reject(new Error(why))),
    breakSettings: () => void (settings = undefined as never),
    lines,
    checks: () => checks,
  };
}

test('whoever has the secret is answered although others of his address have none, and used up their calls', async () => {
  const { test: call, ask } = listening('hooks: { requestsPerMinute: 5 }');
  const wrong = [];
  for (let at = 0; at < 60; at++) wrong.push(await call(at % 2 === 0 ? 'guess' : ''));
  expect(wrong.slice(0, 5)).toEqual([403, 403, 403, 403, 403]);
  expect(new Set(wrong.slice(5))).toEqual(new Set([429]));
  expect((await ask('/nowhere')).status).toBe(429);
  expect([await call(secret), await call(secret)]).toEqual([200, 200]);
});

test('an IPv6 caller is his whole network', async () => {
  const { test: call } = listening('hooks: { requestsPerMinute: 2 }');
  const statuses = [];
  for (let at = 0; at < 5; at++) statuses.push(await call('guess', `2001:db8:0:1::${at}`));
  expect(statuses).toEqual([403, 403, 429, 429, 429]);
  expect(await call('guess', '2001:db8:0:2::1')).toBe(403);
});

test.each([
  ['2001:db8:0:1::7', '2001:db8:0:1::/64'],
  ['2001:DB8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
  ['::1', '0:0:0:0::/64'],
  ['2001:db8::', '2001:db8:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['10.0.0.1', '10.0.0.1'],
])('%s calls as %s', (address, caller) => {
  expect(callerOf(address)).toBe(caller);
});

test('a bucket fills up evenly, and no more than ten thousand callers are remembered', () => {
  let now = 0;
  const mayPass = callRate(() => now);
  expect([mayPass('a', 1), mayPass('a', 1)]).toEqual([true, false]);
  now += 60_000;
  expect(mayPass('a', 1)).toBe(true);
  for (let at = 0; at < 10_000; at++) mayPass(`b${at}`, 1);
  expect(mayPass('a', 1)).toBe(true);
});

test('what is edited in the settings holds from the next call on', async () => {
  const { test: call, edit } = listening();
  expect(await call(secret)).toBe(200);
  edit('hooks: { allowedAddresses: [192.0.2.0/24] }');
  expect(await call(secret)).toBe(403);
  edit('hooks: { requestsPerMinute: 1 }');
  expect([await call(secret), await call(secret)]).toEqual([200, 429]);
});

test('three hundred questions whether it is ready are one to Temporal, and its words are for the log', async () => {
  const { ask, checks, fail, lines } = listening();
  await Promise.all(Array.from({ length: 300 }, () => ask('/readyz')));
  expect(checks()).toBe(1);
  const failing = listening();
  failing.fail('14 UNAVAILABLE: no connection to 10.9.8.7:7233');
  const answers = await Promise.all(Array.from({ length: 20 }, () => failing.ask('/readyz')));
  expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
    new Set(['503 Not ready: the log says why.\n']),
  );
  expect(failing.lines).toEqual([expect.stringContaining('10.9.8.7')]);
  expect([lines, fail]).toEqual([[], expect.anything()]);
});

test('refused calls of one address are a line a second, with how many there were', async () => {
  const { test: call, lines } = listening();
  for (let at = 0; at < 100; at++) await call('guess');
  expect(lines).toHaveLength(1);
  const now = jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 5_000);
  await call('guess');
  await call('guess', '10.0.0.2');
  now.mockRestore();
  expect(lines.slice(1)).toEqual([expect.stringContaining('"untold":99'), expect.stringContaining('10.0.0.2')]);
});

test.each(['aaaaaaaaaaaa', 'abababababab', 'short'])('%s is no secret', (weak) => {
  expect(() => loadSecret(parsed().hooks, { CUTOVER_HOOK_SECRET: weak })).toThrow(/guessed|too short/);
});

describe('the server', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hooks-tls-'));
  const at = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { cwd: folder, stdio: 'ignore' });
  const open: HookServer[] = [];
  const sockets: Socket[] = [];

  /** A key, and a certificate of an authority. */
  function issue(name: string, authority: string, subject: string) {
    openssl('req', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.csr`, '-subj', subject); // prettier-ignore
    writeFileSync(at('names.ext'), 'subjectAltName=DNS:hooks.example.com,IP:127.0.0.1');
    openssl('x509', '-req', '-in', `${name}.csr`, '-CA', `${authority}.pem`, '-CAkey', `${authority}.key`, '-CAcreateserial', '-days', '1', '-extfile', 'names.ext', '-out', `${name}.pem`); // prettier-ignore
  }
  const authority = (name: string) =>
    openssl('req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', `${name}.key`, '-out', `${name}.pem`, '-days', '1', '-subj', `/CN=${name}`); // prettier-ignore

  beforeAll(() => {
    authority('ours');
    authority('theirs');
    issue('server', 'ours', '/CN=hooks');
    issue('renewed', 'ours', '/CN=renewed');
    issue('client', 'ours', '/CN=platform');
    issue('stranger', 'theirs', '/CN=platform');
  });
  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.destroy());
    for (const server of open.splice(0)) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function serving(
    tls?: { certificateFile: string; keyFile: string; clientCaFile?: string },
    patience?: Patience,
  ) {
    const told: string[] = [];
    const server = createHookServer(
      { tls },
      (_request, response) => response.end('answered'),
      (why) => told.push(why),
      patience,
    );
    open.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const ask = async (client?: string): Promise<string> =>
      await new Promise((resolve) => {
        const own = client === undefined ? {} : { cert: pem(`${client}.pem`), key: pem(`${client}.key`) };
        const options = { host: '127.0.0.1', port, ca: pem('ours.pem'), agent: false, ...own };
        get(options, (response) => {
          const { subject } = (response.socket as unknown as { getPeerCertificate(): { subject: { CN: string } } }).getPeerCertificate(); // prettier-ignore
          response.resume().once('end', () => resolve(subject.CN));
        }).once('error', ({ message }) => resolve(`refused: ${message}`));
      });
    return { server, port, ask, told };
  }
  const pem = (name: string) => readFileSync(at(name));
  const files = (name: string) => ({ certificateFile: at(`${name}.pem`), keyFile: at(`${name}.key`) });

  test('with an authority of clients answers nobody without a certificate of it', async () => {
    const { ask } = await serving({ ...files('server'), clientCaFile: at('ours.pem') });
    expect(await ask('client')).toBe('hooks');
    expect(await ask()).toMatch(/^refused/);
    expect(await ask('stranger')).toMatch(/^refused/);
  });

  test('without one asks nobody for a certificate', async () => {
    const { ask } = await serving(files('server'));
    expect([await ask(), await ask('stranger')]).toEqual(['hooks', 'hooks']);
  });

  test('has a renewed certificate, and another authority, once the files change; a broken file leaves those from before', async () => {
    const own = { certificateFile: at('own.pem'), keyFile: at('own.key'), clientCaFile: at('clients.pem') };
    const copy = (from: string, to: string) => writeFileSync(at(to), pem(from));
    copy('server.pem', 'own.pem');
    copy('server.key', 'own.key');
    copy('ours.pem', 'clients.pem');
    const { ask, told } = await serving(own);
    expect(await ask('client')).toBe('hooks');
    copy('renewed.key', 'own.key');
    copy('renewed.pem', 'own.pem');
    expect(await ask('client')).toBe('renewed');
    writeFileSync(at('own.pem'), 'no certificate');
    expect([await ask('client'), told.length > 0]).toEqual(['renewed', true]);
    copy('renewed.pem', 'own.pem');
    copy('theirs.pem', 'clients.pem');
    expect(await ask('client')).toMatch(/^refused/);
    expect(await ask('stranger')).toBe('renewed');
  });

  test.each([
    ['a head that never ends', false, 'GET /x/ContainerRun HTTP/1.1\r\nHost: hooks\r\nX: '],
    ['a connection that says nothing', false, ''],
    ['a handshake that never begins', true, ''],
    ['a handshake that never ends', true, '\x16\x03\x01'],
  ])('ends %s, and answers others meanwhile', async (_, tls, begun) => {
    const patience = { handshakeMs: 300, headMs: 300, requestMs: 300, lookMs: 50 };
    const { port, ask } = await serving(tls ? files('server') : undefined, patience);
    const stranger = connectPlainly(port, '127.0.0.1').on('error', () => undefined);
    sockets.push(stranger);
    stranger.resume().write(begun, 'latin1');
    if (tls) expect(await ask()).toBe('hooks');
    await once(stranger, 'close');
  });

  test.each([
    ['two Hosts', 'Host: hooks\r\nHost: other\r\n', '400'],
    ['the same Host twice', 'Host: hooks\r\nhost: hooks\r\n', '400'],
    ['no Host', '', '400'],
    ['one Host', 'Host: hooks\r\n', '200'],
  ])('answers a request with %s accordingly', async (_, hosts, status) => {
    const { port } = await serving();
    const caller = connectPlainly(port, '127.0.0.1');
    sockets.push(caller);
    caller.write(`GET /x/ContainerRun HTTP/1.1\r\n${hosts}Connection: close\r\n\r\n`);
    const [answer] = (await once(caller, 'data')) as [Buffer];
    expect(answer.toString().split(' ')[1]).toBe(status);
  });

  test('takes two hundred connections, and waits ten seconds for a head', async () => {
    const { server, port } = await serving();
    expect(server).toMatchObject({ maxConnections: 200, headersTimeout: 10_000, requestTimeout: 15_000 });
    const all = Array.from({ length: 210 }, () => connectPlainly(port, '127.0.0.1'));
    sockets.push(...all);
    const dropped = all.map(async (socket) => {
      socket.on('error', () => undefined);
      await once(socket, 'close');
    });
    for (const socket of all) if (socket.connecting) await once(socket, 'connect');
    let gone = 0;
    for (const one of dropped) void one.then(() => (gone += 1));
    while (gone < 10) await new Promise((resolve) => setTimeout(resolve, 10));
    expect(gone).toBe(10);
  });
});

test('what goes wrong inside is in the log, with why and where', async () => {
  const { ask, breakSettings, lines } = listening();
  breakSettings();
  expect(await ask(`/x/ContainerRun?secret=${secret}`)).toEqual({
    status: 500,
    text: expect.stringContaining('its log says more'),
  });
  expect(lines.at(-1)).toMatch(/"error":"TypeError","why":"[^"]+","stack":"[^"]+strangers\.test\.ts/);
});
