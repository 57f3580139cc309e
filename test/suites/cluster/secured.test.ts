/**
 * docker-compose.tls.yml without containers: a real Temporal server with its TLS and its authorizer. Nobody gets in without a
 * certificate, nobody does anything without a token, and a worker works with both.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { exportJWK, generateKeyPair, SignJWT, type KeyLike } from 'jose';
import type { ConnectionOptions } from '@temporalio/client';
import { searchAttributes } from '../../../contract/ids';
import { connectToTemporal } from '../../../temporal/connection';
import { indexedTypeOf } from '../../../temporal/search-attributes';
import { freePorts } from './ports';
import { startPostgresql, type Postgresql } from './postgresql';
import { namespace, startTemporalServer, type TemporalServer } from './temporal-server';

const root = join(__dirname, '..', '..', '..');
const programs = {
  temporal: process.env['CLUSTER_TEMPORAL'] ?? '',
  postgresql: process.env['CLUSTER_POSTGRESQL'] ?? '',
};

let folder: string;
let certificates: string;
let signing: KeyLike;
let postgresql: Postgresql | undefined;
let temporal: TemporalServer | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'cutover-secured-'));
  await chmod(folder, 0o755);
  certificates = join(folder, 'certs');
  await mkdir(certificates);
  await promisify(execFile)('bash', ['-ec', await documented()], { cwd: certificates });
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  signing = privateKey;
  const key = { ...(await exportJWK(publicKey)), kid: 'test', use: 'sig', alg: 'RS256' };
  await writeFile(join(certificates, 'jwks.json'), JSON.stringify({ keys: [key] }));
  const [postgresqlPort = 0, ...ports] = await freePorts(13);
  postgresql = await startPostgresql(programs.postgresql, join(folder, 'postgresql'), postgresqlPort);
  const admin = await as('temporal-system:admin', `${namespace}:admin`);
  const secured = { certificates, admin };
  temporal = await startTemporalServer({ programs: programs.temporal, folder, postgresqlPort, ports, secured });
}, 300_000);

afterAll(async () => {
  await temporal?.close();
  await postgresql?.close();
  await rm(folder, { recursive: true, force: true });
}, 120_000);

/** The commands of docs/operations/run.md that make certificates. */
async function documented(): Promise<string> {
  const text = await readFile(join(root, 'docs', 'operations', 'run.md'), 'utf8');
  return /```sh\n(openssl req -x509[\s\S]*?)```/.exec(text)?.[1] ?? '';
}

const token = async (...permissions: readonly string[]) =>
  await new SignJWT({ permissions })
    .setProtectedHeader({ alg: 'RS256', kid: 'test' })
    .setSubject('test')
    .setExpirationTime('1h')
    .sign(signing);

async function withCertificate(): Promise<ConnectionOptions> {
  const read = async (name: string) => await readFile(join(certificates, name));
  const clientCertPair = { crt: await read('client.pem'), key: await read('client.key') };
  const serverNameOverride = 'temporal';
  return { tls: { serverRootCACertificate: await read('ca.pem'), serverNameOverride, clientCertPair } };
}
const as = async (...permissions: readonly string[]): Promise<ConnectionOptions> => ({
  ...(await withCertificate()),
  apiKey: await token(...permissions),
});

/** What describing the namespace comes to. */
async function asked(options: ConnectionOptions): Promise<string> {
  const address = temporal?.address ?? '';
  const { connection, close } = await connectToTemporal({ ...options, address, connectTimeout: '3s' });
  try {
    await connection.workflowService.describeNamespace({ namespace });
    return 'told';
  } catch (error) {
    return (error as Error).message;
  } finally {
    await close();
  }
}

test('nobody gets in without a certificate, and nobody is told anything without a token that allows it', async () => {
  const { tls } = await withCertificate();
  const { clientCertPair: _, ...unproven } = tls as Exclude<typeof tls, boolean | null | undefined>;
  await expect(asked({ tls: unproven })).rejects.toThrow(/can't be reached/);
  expect(await asked(await withCertificate())).toMatch(/unauthorized/i);
  expect(await asked(await as('demo:admin'))).toMatch(/unauthorized/i);
  expect(await asked(await as(`${namespace}:read`))).toBe('told');
});

test('a worker with both works once the search attributes are there, which its token may not create', async () => {
  await writeFile(join(certificates, 'worker.jwt'), await token(`${namespace}:write`));
  expect(await worker()).toMatch(/lacks the search attributes CutoverZone.*temporal operator search-attribute create/);
  const { connection, close } = await connectToTemporal({
    ...(await as('temporal-system:admin', `${namespace}:admin`)),
    address: temporal?.address ?? '',
  });
  const wanted = Object.values(searchAttributes).map((one) => [one.name, indexedTypeOf(one)]);
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(wanted) });
  await close();
  expect(await worker()).toBe('RUNNING');
});

/** What a worker comes to: that it takes work, or its sentence. */
async function worker(): Promise<string> {
  const settings = join(root, 'docs', 'operations', 'cutover.example.yaml');
  const child = spawn(process.execPath, [join(root, 'bin', 'cutover.js'), 'worker', '--settings', settings], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: {
      ...process.env,
      TEMPORAL_ADDRESS: temporal?.address,
      TEMPORAL_NAMESPACE: namespace,
      TEMPORAL_TLS_SERVER_CA_CERT_PATH: join(certificates, 'ca.pem'),
      TEMPORAL_TLS_CLIENT_CERT_PATH: join(certificates, 'client.pem'),
      TEMPORAL_TLS_CLIENT_KEY_PATH: join(certificates, 'client.key'),
      TEMPORAL_TLS_SERVER_NAME: 'temporal',
      CUTOVER_API_KEY_FILE: join(certificates, 'worker.jwt'),
    },
  });
  const exited = once(child, 'exit');
  let said = '';
  const running = new Promise<string>((resolve) => {
    child.stderr.on('data', (text: Buffer) => {
      said += text.toString();
      if (said.includes('RUNNING')) resolve('RUNNING');
    });
  });
  const came = await Promise.race([running, exited.then(() => said)]);
  child.kill('SIGKILL');
  await exited;
  return came;
}
