/** Listeners with a certificate of a private authority, and such as want one from their clients (mutual TLS). */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TLSSocket } from 'node:tls';
import { checkProbeFiles } from '../../../activities/probes/certificates';
import { createAuthority, issueCertificate, type Authority } from '../../../packages/local-aws/src/acm/authority';
import type { ProbeFiles } from '../../../planning/routing/live-and-test-routes';
import { probing, routeTo } from './load-balancer';

let folder: string;
let authority: Authority;
let server: Server;
const file = (name: string) => join(folder, name);

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'probes-'));
  authority = await createAuthority(Date.now());
  const cert = issueCertificate(authority, ['apps.example.com'], Date.now());
  await writeFile(file('ca.crt'), authority.certificate);
  await writeFile(file('probe.crt'), cert);
  await writeFile(file('probe.key'), authority.serverKey);
  const tls = {
    cert,
    key: authority.serverKey,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: false,
  };
  server = createServer(tls, (request, response) => {
    const { subject } = (request.socket as TLSSocket).getPeerCertificate();
    response.end(subject === undefined ? 'nobody' : 'known');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(folder, { recursive: true });
});

const answered = async (files: ProbeFiles) => {
  const route = { ...routeTo((server.address() as AddressInfo).port), protocol: 'HTTPS' as const };
  const probe = { ...route.probe, ...files };
  return await probing((probes) => probes.describeReleases({ ...route, probe }, ['/Orders']));
};

test('a private authority is trusted where the settings name it, and nowhere else', async () => {
  expect(await answered({ caFile: file('ca.crt') })).toEqual({ '/Orders': 'nobody' });
  expect(await answered({})).toEqual({ '/Orders': null });
});

test('a client certificate is shown, and read again when it is renewed', async () => {
  const files = { caFile: file('ca.crt'), certificateFile: file('renewed.crt'), keyFile: file('probe.key') };
  await writeFile(file('renewed.crt'), issueCertificate(authority, ['probes-1'], Date.now()));
  expect(await answered(files)).toEqual({ '/Orders': 'known' });
  await writeFile(file('renewed.crt'), 'no certificate');
  expect(await answered(files)).toEqual({ '/Orders': null });
  await writeFile(file('renewed.crt'), issueCertificate(authority, ['probes-2'], Date.now()));
  expect(await answered(files)).toEqual({ '/Orders': 'known' });
});

test('a worker does not start with files that it can’t use, and says which', async () => {
  const check = (probe: ProbeFiles) => () => checkProbeFiles({ production: { probe } });
  expect(check({ certificateFile: file('probe.crt'), keyFile: file('probe.key') })).not.toThrow();
  expect(check({ caFile: file('missing.crt') })).toThrow(/^Zone production: .*caFile can't be read: ENOENT/);
  await writeFile(file('other.key'), (await createAuthority(Date.now())).serverKey);
  expect(check({ certificateFile: file('probe.crt'), keyFile: file('other.key') })).toThrow(
    /^Zone production: the probes' certificate can't be used: .*mismatch/i,
  );
});
