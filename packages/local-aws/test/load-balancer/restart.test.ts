import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { controlKeyVariable, controlUrl } from '../../src/control-key';
import { freePort } from '../free-port';
import { testControlKey as key } from '../proxy-stand-in';
import { get } from './client';
import {
  allHealthy,
  cleanUpAfterEach,
  configurationOf,
  eventually,
  forwardTo,
  group,
  named,
  put,
  readReport,
  rule,
  startBackend,
  target,
  untilTargets,
} from './data-plane';

const cleanUp = cleanUpAfterEach();
const program = join(__dirname, '../../lib/src/load-balancer/process/process.js');

async function proxyProcess(folder: string, controlPort: number): Promise<ChildProcess> {
  const child = spawn(process.execPath, [program, folder, String(controlPort)], {
    env: { ...process.env, ...controlKeyVariable(key) },
    stdio: 'ignore',
  });
  cleanUp({ close: () => kill(child) });
  await eventually(async () => {
    if (child.exitCode !== null) throw new Error(`The load balancer's process ended with status ${child.exitCode}.`);
    return await readReport(controlUrl(controlPort, key)).catch(() => undefined);
  });
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  cleanUp({ close: () => rm(folder, { recursive: true, force: true }) });
  return folder;
}

test('after kill -9 it serves again from what it was told, with the health it knew, before anybody speaks to it', async () => {
  const [folder, controlPort, port] = [await temporaryFolder(), await freePort(), await freePort()];
  const status = { sick: 500 };
  const well = cleanUp(await startBackend(named('well')));
  const sick = cleanUp(await startBackend(named('sick'), () => status.sick));
  const groups = [group('g', [target(well.port), target(sick.port)])];
  const configuration = configurationOf({ groups, rules: [rule('default', [], forwardTo('g'))] }, port, 7);
  const control = controlUrl(controlPort, key);

  const first = await proxyProcess(folder, controlPort);
  await put(control, configuration);
  // Listeners' private keys are in it.
  expect((await stat(join(folder, 'data-plane.json'))).mode & 0o77).toBe(0);
  const settled = ([one, two]: readonly { state: string }[]) => one?.state === 'healthy' && two?.state === 'unhealthy';
  await untilTargets(control, settled);
  const { revision } = await readReport(control);
  // The file is written a moment after the report.
  await new Promise((resolve) => setTimeout(resolve, 100));
  await kill(first);
  expect((await get(`http://127.0.0.1:${port}`)).error).toBe('ECONNREFUSED');

  await proxyProcess(folder, controlPort);
  const again = await readReport(control, revision);
  expect(again.revision).not.toBe(revision);
  expect(settled(again.targets)).toBe(true);
  for (let sent = 0; sent < 6; sent += 1) expect((await get(`http://127.0.0.1:${port}`)).body).toBe('well');
  await put(control, { ...configuration, version: 6, listeners: [] });
  expect((await get(`http://127.0.0.1:${port}`)).body).toBe('well');
  status.sick = 200;
  await untilTargets(control, allHealthy);
});

test('state that can’t be read is as good as none', async () => {
  const [folder, controlPort] = [await temporaryFolder(), await freePort()];
  await writeFile(join(folder, 'data-plane.json'), '{"version": 3, "listen');
  await proxyProcess(folder, controlPort);
  expect((await readReport(controlUrl(controlPort, key))).targets).toEqual([]);
});

test.each(['crash', 'end'])(
  'its process ends when the control port asks for it (%s), and the next one serves',
  async (how) => {
    const [folder, controlPort, port] = [await temporaryFolder(), await freePort(), await freePort()];
    const backend = cleanUp(await startBackend(named('served')));
    const groups = [group('g', [target(backend.port)])];
    const control = controlUrl(controlPort, key);
    const first = await proxyProcess(folder, controlPort);
    await put(control, configurationOf({ groups, rules: [rule('default', [], forwardTo('g'))] }, port, 1));
    await untilTargets(control, allHealthy);
    const ended = new Promise((resolve) => first.once('exit', (_code, signal) => resolve(signal ?? 'in order')));
    await fetch(`${control}/end?how=${how}`, { method: 'POST' });
    expect(await ended).toBe(how === 'crash' ? 'SIGKILL' : 'in order');
    await proxyProcess(folder, controlPort);
    await untilTargets(control, allHealthy);
    expect((await get(`http://127.0.0.1:${port}`)).body).toBe('served');
  },
);
