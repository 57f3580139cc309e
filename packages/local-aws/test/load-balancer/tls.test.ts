/** HTTPS listeners: the certificate of the name that is asked for, and requests as on HTTP. */
import { createServer, request } from 'node:https';
import { connect } from 'node:tls';
import { createAuthority, issueCertificate, type Authority } from '../../src/acm/authority';
import type { ListenerConfiguration, ServerCertificate } from '../../src/load-balancer/configuration';
import { freePort } from '../free-port';
import {
  cleanUpAfterEach,
  configurationOf,
  forwardTo,
  group,
  listenerArn,
  path,
  put,
  rule,
  startBackend,
  startDataPlane,
  untilTargets,
  target,
  unchecked,
} from './data-plane';

const cleanUp = cleanUpAfterEach();
let authority: Authority;

beforeAll(async () => {
  authority = await createAuthority(Date.now());
});

const certificateFor = (...names: string[]): ServerCertificate => ({
  names,
  certificate: issueCertificate(authority, names, Date.now()),
  key: authority.serverKey,
});

async function httpsListener(...certificates: ServerCertificate[]) {
  const backend = cleanUp(
    await startBackend((asked, response) => {
      let sent = 0;
      asked.on('data', (piece: Buffer) => (sent += piece.length));
      asked.on('end', () => response.end(`${String(asked.headers['x-forwarded-proto'])} ${asked.url} ${sent}`));
    }),
  );
  const setup = {
    groups: [group('g', [target(backend.port)], unchecked)],
    rules: [rule('default', [], forwardTo('g'))],
  };
  const plane = cleanUp(await startDataPlane(setup));
  const port = await freePort();
  let version = 10;
  const configure = async (more: Partial<ListenerConfiguration>) => {
    const configuration = configurationOf(setup, port, (version += 1));
    const listener = { ...configuration.listeners[0]!, protocol: 'HTTPS' as const, ...more };
    return await put(plane.proxy.controlUrl, { ...configuration, listeners: [listener] });
  };
  expect(await configure({ certificates })).toEqual({ errors: [] });
  return { port, configure };
}

/** The names of the certificate that a client which asks for a name is shown; rejects when it doesn't trust it. */
function shown(port: number, servername: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port, servername, ca: authority.certificate }, () => {
      resolve(socket.getPeerCertificate().subjectaltname ?? '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}

function ask(port: number, options: { method?: string; body?: string } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', body } = options;
    const whole = { host: '127.0.0.1', port, path: '/Orders', servername: 'a.example.com', ca: authority.certificate };
    const outgoing = request({ ...whole, method, agent: false }, (response) => {
      let text = '';
      response.on('data', (piece: Buffer) => (text += piece.toString()));
      response.on('end', () => resolve(text));
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

test('a client is shown the certificate of the name that it asks for, else the default one, which it may not trust', async () => {
  const { port } = await httpsListener(certificateFor('a.example.com'), certificateFor('*.example.org', 'example.net'));
  expect(await shown(port, 'a.example.com')).toBe('DNS:a.example.com');
  expect(await shown(port, 'b.example.org')).toBe('DNS:*.example.org, DNS:example.net');
  expect(await shown(port, 'EXAMPLE.net')).toBe('DNS:*.example.org, DNS:example.net');
  for (const name of ['example.org', 'x.b.example.org', 'b.example.com']) {
    await expect(shown(port, name)).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
  }
});

test('requests with and without a body reach the target, which hears that they came by HTTPS', async () => {
  const { port } = await httpsListener(certificateFor('a.example.com'));
  expect(await ask(port)).toBe('https /Orders 0');
  const body = 'x'.repeat(200_000);
  expect(await ask(port, { method: 'POST', body })).toBe('https /Orders 200000');
});

test('a certificate that is added or replaced is shown to new connections, on a port that stays open', async () => {
  const { port, configure } = await httpsListener(certificateFor('a.example.com'));
  await configure({ certificates: [certificateFor('b.example.com'), certificateFor('c.example.com')] });
  expect(await shown(port, 'b.example.com')).toBe('DNS:b.example.com');
  expect(await shown(port, 'c.example.com')).toBe('DNS:c.example.com');
  await expect(shown(port, 'a.example.com')).rejects.toMatchObject({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' });
});

test('a listener without a certificate says so instead of listening, and plain HTTP gets no answer from one that has TLS', async () => {
  const { port, configure } = await httpsListener(certificateFor('a.example.com'));
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow('fetch failed');
  expect(await ask(port)).toBe('https /Orders 0');
  const other = await freePort();
  const answer = (await configure({ port: other, certificates: [] })) as { errors: { message: string }[] };
  expect(answer.errors[0]?.message).toBe(
    `Listener ${listenerArn} (port ${other}) has no certificate that is known here.`,
  );
});

/** A target that speaks TLS, with a certificate that nobody has to trust. */
async function startSecureBackend() {
  const { certificate, key } = certificateFor('target.example.com');
  const server = createServer({ cert: certificate, key }, (asked, response) => response.end(`secure ${asked.url}`));
  const port = await freePort();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return { port, close: async () => void server.close() };
}

test('targets of a group with HTTPS are asked over TLS, and those that speak none are unhealthy and answer nothing', async () => {
  const [secure, plain] = [
    cleanUp(await startSecureBackend()),
    cleanUp(await startBackend((_, response) => response.end('plain'))),
  ];
  const over = { secure: true, healthCheck: { ...group('s', []).healthCheck, secure: true } };
  const plane = cleanUp(
    await startDataPlane({
      groups: [group('s', [target(secure.port)], over), group('p', [target(plain.port)], over)],
      rules: [rule(1, [path('/plain')], forwardTo('p')), rule('default', [], forwardTo('s'))],
    }),
  );
  const states = await untilTargets(
    plane.proxy.controlUrl,
    (targets) => targets.length === 2 && targets.every(({ state }) => state !== 'initial'),
  );
  const stateOf = (port: number) => states.find((one) => one.port === port);
  expect(stateOf(secure.port)).toMatchObject({ state: 'healthy' });
  expect(stateOf(plain.port)).toMatchObject({ state: 'unhealthy', reason: 'Target.FailedHealthChecks' });
  for (let again = 0; again < 3; again += 1)
    expect(await (await fetch(`${plane.url}/Orders`)).text()).toBe('secure /Orders');
  expect((await fetch(`${plane.url}/plain`)).status).toBe(502);
});
