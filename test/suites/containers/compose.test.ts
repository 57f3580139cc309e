/**
 * docker-compose.yml as it is: a Temporal server on PostgreSQL, two workers and the hook listener, as docs/operations/run.md sets them
 * up. They deploy an application under traffic while a worker is stopped, and Temporal and PostgreSQL are restarted. AWS is the local
 * one, on this machine.
 */
import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import { patiently } from '../cluster/patiently';
import { awsEnvironment } from '../../../local/stack/environment';
import { openLoopback, shareLoopback } from './loopback';
import { podman } from './podman';
import { openProject, type Project } from './project';

const root = join(__dirname, '..', '..', '..');
const say = (line: string) => void process.stdout.write(`${line}\n`);
const workers = ['worker-1', 'worker-2'];
/** Where a worker's own health and metrics are. */
const ownPorts = [9464, 9465];

let place: string;
let own: OwnStack;
let project: Project | undefined;
let closeLoopback: (() => Promise<void>) | undefined;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
  const report = own.living.stack();
  // User 1000 of the containers reads the settings.
  await chmod(dirname(report.settings), 0o755);
  place = await mkdtemp(join(tmpdir(), 'cutover-compose-place-'));
  await setUpAsDocumented();
  const { AWS_ENDPOINT_URL, ...aws } = awsEnvironment(report);
  const environment = { CUTOVER_FOLDER: dirname(report.settings), CUTOVER_SECRETS: join(place, 'secrets'), ...aws };
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(join(place, '.env'), lines.join(''));
  // The one thing that no account of AWS needs.
  const elsewhere = { environment: { AWS_ENDPOINT_URL } };
  project = await openProject(join(place, '.env'), { services: { 'worker-1': elsewhere, 'worker-2': elsewhere } });
}, 300_000);

afterAll(async () => {
  await closeLoopback?.();
  const left = await project?.close();
  await own.close();
  await rm(place, { recursive: true, force: true });
  expect(left).toEqual([]);
}, 300_000);

/** Runs what docs/operations/run.md says first, but for its last line, which brings all of it up. */
async function setUpAsDocumented(): Promise<void> {
  await symlink(join(root, 'docs'), join(place, 'docs'));
  const text = await readFile(join(root, 'docs', 'operations', 'run.md'), 'utf8');
  const [, block = ''] = /```sh\n(mkdir[^`]*?)docker compose up/.exec(text) ?? [];
  await promisify(execFile)('bash', ['-euc', block], { cwd: place });
  expect(await readFile(join(place, '.env'), 'utf8')).toBe(
    `CUTOVER_FOLDER=${place}/cutover\nCUTOVER_SECRETS=${place}/secrets\n`,
  );
}

const containerOf = (service: string) => project?.containerOf(service) ?? '';
const secretNamed = async (name: string) => (await readFile(join(place, 'secrets', name), 'utf8')).trim();

test('all of it becomes healthy', async () => {
  say(`All services were healthy ${(await project?.up())?.toFixed(0)} s after "up".`);
  closeLoopback = await openLoopback('cutover_default');
  for (const worker of workers) await shareLoopback(containerOf(worker), ownPorts);
  const containers = ['postgresql', 'temporal', ...workers, 'hooks'].map(containerOf);
  for (const one of containers)
    expect([one, await podman('inspect', one, '--format', '{{.State.Health.Status}}')]).toEqual([one, 'healthy']);
  for (const one of ['schema', 'namespaces'].map(containerOf))
    expect([one, await podman('inspect', one, '--format', '{{.State.ExitCode}}')]).toEqual([one, '0']);
  say(await podman('stats', '--no-stream', '--format', '{{.Name}} takes {{.MemUsage}}', ...containers));
});

test.each([
  ['worker-1', 1024],
  ['worker-2', 1024],
  ['hooks', 256],
])('%s has no rights, writes nowhere, and has %d MiB at most', async (service, mebibytes) => {
  const container = containerOf(service);
  const status = await podman('exec', container, 'cat', '/proc/1/status');
  expect(status).toMatch(/^Uid:\s+1000\s/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  await expect(podman('exec', container, 'touch', '/cutover/x')).rejects.toThrow(/Read-only file system/);
  await expect(podman('exec', container, 'touch', '/etc/cutover/x')).rejects.toThrow(/Read-only file system/);
  expect(await podman('inspect', container, '--format', '{{.HostConfig.Memory}}')).toBe(`${mebibytes * 1024 * 1024}`);
  expect(await podman('exec', container, 'df', '--output=size', '--block-size=1M', '/tmp')).toMatch(/\s64$/);
});

test('the secrets are in no environment, and only who has the listener’s is heard', async () => {
  const secrets = await Promise.all(['hook-secret', 'database-password'].map(secretNamed));
  for (const service of ['postgresql', 'schema', 'temporal', 'namespaces', ...workers, 'hooks']) {
    const told = await podman('inspect', containerOf(service), '--format', '{{json .Config}}');
    expect([service, secrets.filter((secret) => told.includes(secret))]).toEqual([service, []]);
  }
  expect(await podman('exec', containerOf('hooks'), 'env')).not.toMatch(/^AWS_(?:ACCESS|SECRET|SESSION)/m);
  const call = async (secret: string) =>
    (await fetch(`http://127.0.0.1:8083/cutover/ContainerBuild?secret=${secret}`)).status;
  expect(await call('a-guess-of-somebody')).toBe(403);
  // Whoever knows it is told what else is missing.
  expect(await call(secrets[0] ?? '')).toBe(200);
});

test('a worker stopped, and Temporal and PostgreSQL restarted on the way: the deployment completes, and nothing is lost', async () => {
  process.env['TEMPORAL_ADDRESS'] = '127.0.0.1:7233';
  process.env['TEMPORAL_NAMESPACE'] = 'default';
  const container = (version: string) => ({ servedBy: 'container', version }) as const;
  // It is written into the settings now, as a new file in the place of the one that was mounted.
  const application = await own.living.inContainers('Composed', ['Composed', 'ComposedAPI']);
  expect(await podman('exec', containerOf('worker-1'), 'cat', '/etc/cutover/cutover.yaml')).toContain('Composed');

  await application.traffic.expect('Composed', [container('2.0'), container('3.0')]);
  const started = await application.deploy({ version: '3.0', startSeconds: 2 }, { bake: '40s' });
  await patiently(() => application.until(({ phase }) => phase !== 'plan'));
  const timed = async (what: string, act: () => Promise<unknown>) => {
    const began = performance.now();
    await act();
    say(`${what} took ${((performance.now() - began) / 1_000).toFixed(1)} s.`);
  };
  await timed('Stopping a worker', () => project!.compose('stop', 'worker-1'));
  expect(await podman('inspect', containerOf('worker-1'), '--format', '{{.State.ExitCode}}')).toBe('0');
  await timed('Restarting PostgreSQL', () => project!.compose('restart', 'postgresql'));
  await timed('Restarting Temporal', () => project!.compose('restart', 'temporal'));
  await project!.compose('start', 'worker-1');
  await shareLoopback(containerOf('worker-1'), ownPorts);
  await patiently(() => application.until(({ phase }) => phase === 'bake'));
  await timed('Stopping the other worker', () => project!.compose('stop', 'worker-2'));
  expect(await patiently(() => application.ended(started))).toMatchObject({
    result: { outcome: 'completed', live: { version: '3.0' } },
  });
  const { sent } = await application.traffic.report();
  await own.living.expectWhole(application, [0, 2], 1);
  say(`${sent} requests were sent meanwhile, and none was lost.`);
  say(await podman('stats', '--no-stream', '--format', '{{.Name}} takes {{.MemUsage}}', containerOf('worker-1')));
});
