/**
 * The builder `docker`, run for real: Docker's own command line on podman's socket, and a registry on loopback. Without the one or the
 * other nothing is tested, and that is said.
 */
import { MockActivityEnvironment } from '@temporalio/testing';
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builderActivities, type BuiltImage } from '../../../activities/builders/index';
import { writeBundle } from '../../../local/sample/bundle';
import { engineOf } from '../../../packages/local-aws/src/engine/engine';
import { findEngineImage } from '../../../packages/local-aws/src/engine/images';
import { eventually } from '../../../packages/local-aws/test/local-aws';
import { releaseMarker } from '../../../planning/release/release';
import { buildingIn } from '../../activities/builders/zone';
import { writeZip } from '../../local/images/bundles';
import { freePorts } from '../cluster/ports';
import { podman } from './podman';

const isHere = (name: string, words: readonly string[]): string => {
  try {
    return execFileSync(name, words, { env: process.env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
};
const hasDocker = isHere('docker', ['--version']).startsWith('Docker');
const hasRegistry = isHere('docker-registry', ['--version']) !== '';
const withDocker = hasDocker && hasRegistry ? describe : describe.skip;
if (!hasDocker || !hasRegistry)
  process.stderr.write(
    `\n*** NOT TESTED: the builder "docker", for want of ${hasDocker ? 'docker-registry' : 'the docker command line'} (Debian: apt-get install docker.io docker-registry). ***\n\n`,
  );

const key = '0c4a5b6e-2f1d-4c8a-9a53-0c6a6f1f8f11';
const modules = ['Orders', 'OrdersAPI'];
const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
const indexType = 'application/vnd.oci.image.index.v1+json';

let root = '';
/** Registries, as `host:port`: one, one that keeps every tag as it is, one that lets nobody in. */
let registries: { readonly open: string; readonly immutable: string; readonly closed: string };
const running: ChildProcess[] = [];
const servers: Server[] = [];

/** Passes everything on to a registry, but that no tag is ever overwritten, which is refused in the words of Amazon ECR. */
function keepingTags(registry: string): Server {
  return createServer((asked, answer) => {
    const [, repository = '', tag = ''] = /^\/v2\/(.+)\/manifests\/([^:]+)$/.exec(asked.url ?? '') ?? [];
    const pass = () => {
      const [host = '', port] = registry.split(':');
      const passed = request({ host, port, path: asked.url, method: asked.method, headers: asked.headers }, (given) => {
        answer.writeHead(given.statusCode ?? 502, given.headers);
        given.pipe(answer);
      });
      asked.pipe(passed);
    };
    if (asked.method !== 'PUT' || tag === '') return pass();
    const headers = { accept: `${manifestType}, application/vnd.oci.image.manifest.v1+json` };
    void fetch(`http://${registry}${asked.url}`, { method: 'HEAD', headers }).then(({ ok }) => {
      if (!ok) return pass();
      const message = `The image tag '${tag}' already exists in the '${repository}' repository and cannot be overwritten because the tag is immutable.`;
      asked.resume();
      answer.writeHead(400, { 'content-type': 'application/json' });
      return answer.end(JSON.stringify({ errors: [{ code: 'TAG_INVALID', message }] }));
    });
  });
}

/** A registry that wants to know who one is. */
const closed = () =>
  createServer((_asked, answer) => {
    answer.writeHead(401, { 'content-type': 'application/json', 'www-authenticate': 'Basic realm="registry"' });
    answer.end('{"errors":[{"code":"UNAUTHORIZED","message":"authentication required"}]}');
  });

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(server);
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function start(file: string, words: readonly string[]): void {
  running.push(spawn(file, words, { stdio: 'ignore', env: process.env }));
}

async function startAll(): Promise<void> {
  root = await mkdtemp(join(tmpdir(), 'cutover-docker-'));
  for (const name of ['target', 'result', 'config', 'registry', 'docker']) await mkdir(join(root, name));
  await writeFile(join(root, 'docker', 'config.json'), '{}');
  const [port = 0] = await freePorts(1);
  const open = `127.0.0.1:${port}`;
  registries = { open, immutable: await listen(keepingTags(open)), closed: await listen(closed()) };
  const trusted = Object.values(registries).map(
    (location) => `[[registry]]\nlocation = "${location}"\ninsecure = true\n`,
  );
  await writeFile(join(root, 'registries.conf'), `unqualified-search-registries = ["docker.io"]\n${trusted.join('')}`);
  await writeFile(
    join(root, 'registry.yml'),
    `version: 0.1\nstorage: { filesystem: { rootdirectory: ${join(root, 'registry')} } }\nhttp: { addr: '${open}' }\n`,
  );
  Object.assign(process.env, {
    CONTAINERS_REGISTRIES_CONF: join(root, 'registries.conf'),
    DOCKER_HOST: `unix://${join(root, 'podman.sock')}`,
    DOCKER_CONFIG: join(root, 'docker'),
    // Docker's command line here is without buildx.
    DOCKER_BUILDKIT: '0',
  });
  start('docker-registry', ['serve', join(root, 'registry.yml')]);
  start('podman', ['system', 'service', '--time', '0', `unix://${join(root, 'podman.sock')}`]);
  await eventually(
    async () => (await fetch(`http://${open}/v2/`).catch(() => undefined))?.ok === true,
    (ready) => ready,
  );
  await eventually(
    () => isHere('docker', ['version', '--format', '{{.Server.Version}}']),
    (version) => version.trim() !== '',
  );
}

interface Asked {
  readonly registry: string;
  readonly operation: string;
  readonly timeout?: string;
}

async function build({ registry, operation, timeout = '2m' }: Asked): Promise<BuiltImage> {
  const settings = buildingIn(root, { registry, builder: { kind: 'docker', timeout } });
  const call = { zone: 'production', applicationName: 'Orders', applicationKey: key, operationId: operation };
  const environment = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - 60_000 });
  return (await environment.run(builderActivities({ settings: () => settings }).buildImage, call)) as BuiltImage;
}

const bundleOf = (operation: string) => join(root, 'target', `${key}_${operation}.zip`);
const operationOf = (number: number) => `9b0a3c52-1111-4c8a-9a53-0c6a6f1f8f0${number}`;

async function writeSample(operation: string): Promise<void> {
  await writeBundle({ application: 'Orders', version: '1.0', startSeconds: 0, modules }, bundleOf(operation));
}

/** A bundle whose Dockerfile begins as the sample's, and goes on so. */
const writeFailing = async (operation: string, step: string) =>
  await writeZip(bundleOf(operation), {
    Dockerfile: `FROM node:22-slim\nCOPY . .\n${step}\n`,
    'modules/Orders/index.txt': 'Orders',
  });

/** The digest that the registry has for a tag. */
async function digestAt(repository: string, tag: string): Promise<string | null> {
  const answer = await fetch(`http://${registries.open}/v2/${repository}/manifests/${tag}`, {
    method: 'HEAD',
    headers: { accept: manifestType },
  });
  return answer.headers.get('docker-content-digest');
}

withDocker('the builder "docker"', () => {
  beforeAll(startAll, 120_000);
  afterAll(async () => {
    const named = (await podman('images', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
    const isOwn = (name: string) => Object.values(registries).some((registry) => name.startsWith(`${registry}/`));
    const own = named.filter((name) => isOwn(name) && !name.endsWith('<none>'));
    for (const name of own) await podman('rmi', '--force', name);
    for (const child of running.toReversed()) {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
    }
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    await rm(root, { recursive: true, force: true });
  }, 60_000);

  test('a build that fails says what the engine said last', async () => {
    await writeFailing(operationOf(1), 'RUN echo no such module >&2 && exit 7');
    await expect(build({ registry: registries.open, operation: operationOf(1) })).rejects.toThrow(
      /^The builder failed: docker ended with status \d+\. It said last: .*exit status 7/,
    );
  });

  test('one that never ends is stopped, and nothing of it that cutover started goes on', async () => {
    const operation = operationOf(2);
    const seconds = 86_402;
    await writeFailing(operation, `RUN sleep ${seconds}`);
    const asked = build({ registry: registries.open, operation, timeout: '8s' });
    await expect(asked).rejects.toThrow('The builder did not end within 8s, and was stopped.');
    const processes = isHere('ps', ['-eo', 'pid,args']).split('\n');
    expect(processes.filter((line) => line.includes('docker build') && line.includes(operation))).toEqual([]);
    // Docker's daemon ends the step too, when its client is gone; podman's service leaves it to its end.
    for (const line of processes.filter((one) => new RegExp(`\\bsleep ${seconds}$`).test(one)))
      isHere('kill', ['-KILL', line.trim().split(' ')[0] ?? '']);
  });

  test('a registry that asks for a login is named in one sentence', async () => {
    await writeSample(operationOf(3));
    await expect(build({ registry: registries.closed, operation: operationOf(3) })).rejects.toThrow(
      new RegExp(
        `^The registry ${registries.closed} asked for a login that the builder doesn't have: give the worker's user one `,
      ),
    );
  });

  test('an image has the label, every module its marker, and the digest is the registry’s own', async () => {
    const operation = operationOf(4);
    await writeSample(operation);
    const built = await build({ registry: registries.open, operation });
    expect(built).toEqual({
      image: `${registries.open}/orders:${operation}`,
      digest: await digestAt('orders', operation),
      modules,
    });
    const pinned = `${registries.open}/orders@${built.digest}`;
    await podman('rmi', '--force', built.image);
    const found = await findEngineImage(engineOf('podman'), pinned);
    expect(found).toMatchObject({
      digest: built.digest,
      labels: { 'io.cutover.modules': JSON.stringify(modules) },
      entrypoint: ['node', 'scripts/container.js'],
    });
    const read = (module: string) =>
      podman('run', '--rm', '--network', 'none', '--entrypoint', 'cat', pinned, `modules/${module}/${releaseMarker}`);
    const hash = createHash('sha256')
      .update(await readFile(bundleOf(operation)))
      .digest('hex');
    for (const module of modules) expect(await read(module)).toBe(`orders:${operation} sha256:${hash}`);
  });

  test('a push that comes again into a repository that keeps its tags is no failure', async () => {
    const operation = operationOf(5);
    await writeSample(operation);
    const first = await build({ registry: registries.immutable, operation });
    expect(first.digest).toBe(await digestAt('orders', operation));
    // Another worker, whose engine knows nothing of the first attempt, makes another image of the same bundle.
    await podman('rmi', '--force', first.image);
    await writeZip(bundleOf(operation), {
      Dockerfile: 'FROM node:22-slim\nCOPY . .\n',
      'modules/Orders/new.txt': 'new',
    });
    expect(await build({ registry: registries.immutable, operation })).toMatchObject({
      image: first.image,
      digest: null,
    });
    expect(await digestAt('orders', operation)).toBe(first.digest);
  });

  test('an index as BuildKit pushes it, with an attestation first, is pulled by its digest and runs', async () => {
    const operation = operationOf(6);
    await writeSample(operation);
    const { digest } = await build({ registry: registries.open, operation });
    const repository = `http://${registries.open}/v2/orders`;
    const put = async (reference: string, contentType: string, body: string) => {
      const headers = { 'content-type': contentType };
      const answer = await fetch(`${repository}/manifests/${reference}`, { method: 'PUT', headers, body });
      expect(answer.status).toBe(201);
      return answer.headers.get('docker-content-digest') ?? '';
    };
    const manifest = await (
      await fetch(`${repository}/manifests/${operation}`, { headers: { accept: manifestType } })
    ).text();
    // BuildKit isn't among what Debian has: what it pushes is put together here, of the image that was built.
    const attestation = manifest.replace('{', '{ ');
    const attested = await put(digestOf(attestation), manifestType, attestation);
    const index = JSON.stringify({
      schemaVersion: 2,
      mediaType: indexType,
      manifests: [
        {
          mediaType: manifestType,
          digest: attested,
          size: Buffer.byteLength(attestation),
          platform: { architecture: 'unknown', os: 'unknown' },
          annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': digest },
        },
        {
          mediaType: manifestType,
          digest,
          size: Buffer.byteLength(manifest),
          platform: { architecture: process.arch === 'arm64' ? 'arm64' : 'amd64', os: 'linux' },
        },
      ],
    });
    const indexed = await put('indexed', indexType, index);
    const found = await findEngineImage(engineOf('podman'), `${registries.open}/orders@${indexed}`);
    expect(found).toMatchObject({ digest: indexed, labels: { 'io.cutover.modules': JSON.stringify(modules) } });
    const run = ['run', '--rm', '--network', 'none', '--entrypoint', 'node', found?.location ?? '', '--version'];
    expect(await podman(...run)).toMatch(/^v\d+/);
  });
});

const digestOf = (text: string): string => `sha256:${createHash('sha256').update(text).digest('hex')}`;
