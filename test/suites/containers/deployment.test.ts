/**
 * Two workers and the hook listener in containers, as docker-compose.yml runs them, deploy an application under traffic; one worker is
 * stopped and the other one killed on the way. AWS is the local one, on this machine.
 */
import { Client } from '@temporalio/client';
import { connectToTemporal } from '../../../temporal/connection';
import { chmod } from 'node:fs/promises';
import { dirname } from 'node:path';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import { freePorts } from '../cluster/ports';
import { awsEnvironment, temporalEnvironment } from '../../../local/stack/environment';
import { logsOf, podman, removeContainers, start, type Container } from './podman';

/** Of its own, so that the stack's worker has no part in it. */
const namespace = 'containers';
const say = (line: string) => void process.stdout.write(`${line}\n`);

let own: OwnStack;
let ports: readonly number[];

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10 });
  // User 1000 of the containers reads the settings.
  await chmod(dirname(own.living.stack().settings), 0o755);
  process.env['TEMPORAL_NAMESPACE'] = namespace;
  const { connection, close } = await connectToTemporal({ address: own.living.stack().temporal.address });
  await new Client({ connection }).workflowService.registerNamespace({
    namespace,
    workflowExecutionRetentionPeriod: { seconds: 86_400 as never },
  });
  await close();
  ports = await freePorts(5);
}, 300_000);

afterAll(async () => {
  await removeContainers();
  await own.close();
}, 120_000);

function environmentOf(): Record<string, string> {
  const report = own.living.stack();
  return { ...awsEnvironment(report), ...temporalEnvironment(report), TEMPORAL_NAMESPACE: namespace };
}

async function startWorker(name: string, health = 0, metrics = 0) {
  return await start({
    name,
    command: ['worker'],
    settings: dirname(own.living.stack().settings),
    environment: {
      ...environmentOf(),
      NODE_OPTIONS: '--max-old-space-size=800',
      CUTOVER_HEALTH: `127.0.0.1:${health}`,
      CUTOVER_METRICS: `127.0.0.1:${metrics}`,
    },
    readiness: `http://127.0.0.1:${health}/readyz`,
  });
}

async function expectConfined({ name }: Container): Promise<void> {
  const status = await podman('exec', name, 'cat', '/proc/self/status');
  expect(status).toMatch(/^Uid:\s+1000\s/m);
  expect(status).toMatch(/^CapEff:\s+0+$/m);
  expect(status).toMatch(/^NoNewPrivs:\s+1$/m);
  await expect(podman('exec', name, 'touch', '/cutover/x')).rejects.toThrow(/Read-only file system/);
}

test('two workers in containers deploy under traffic, one stopped and one killed on the way, and leave nothing behind', async () => {
  const [health1, metrics1, health2, metrics2, hooksPort] = ports;
  const first = await startWorker('cutover-worker-1', health1, metrics1);
  const second = await startWorker('cutover-worker-2', health2, metrics2);
  const hooks = await start({
    name: 'cutover-hooks',
    command: ['hooks', '--host', '127.0.0.1', '--port', String(hooksPort)],
    settings: dirname(own.living.stack().settings),
    // As Compose runs it: its secret is a file, and nothing of AWS's is there.
    environment: {
      ...Object.fromEntries(Object.entries(environmentOf()).filter(([name]) => !name.startsWith('AWS_'))),
      CUTOVER_HOOK_SECRET_FILE: '/run/secrets/hook-secret',
    },
    secret: 'a-secret-of-the-test-in-containers',
    readiness: `http://127.0.0.1:${hooksPort}/readyz`,
  });
  for (const one of [first, second, hooks]) {
    await expectConfined(one);
    say(
      `${one.name} was ready after ${one.readyAfterSeconds.toFixed(1)} s, and takes ${await podman('stats', '--no-stream', '--format', '{{.MemUsage}}', one.name)}.`,
    );
  }

  await podman('healthcheck', 'run', first.name);

  const application = await own.living.inContainers('Boxed', ['Boxed', 'BoxedAPI']);
  await application.traffic.expect('Boxed', [
    { servedBy: 'container', version: '2.0' },
    { servedBy: 'container', version: '3.0' },
  ]);
  const started = await application.deploy({ version: '3.0' }, { bake: '20s' });
  await application.until(({ phase }) => phase !== 'plan');
  const stopped = await first.stop();
  expect(stopped).toMatchObject({ status: 0 });
  say(`A worker that was told to stop in mid-deployment ended after ${stopped.seconds.toFixed(1)} s.`);
  await application.until(({ phase }) => phase === 'bake');
  await podman('kill', second.name);
  await podman('start', first.name);
  expect(await application.ended(started)).toMatchObject({
    result: { outcome: 'completed', live: { version: '3.0' } },
  });
  await own.living.expectWhole(application, [0, 2], 1);

  for (const { name } of [first, second, hooks])
    expect(
      (await podman('diff', name))
        .split('\n')
        .filter(
          (line) =>
            !/^[AC] \/(etc|etc\/cutover|var|var\/lib|run|run\/secrets|run\/secrets\/hook-secret|tmp)?$/.test(line),
        ),
    ).toEqual([]);
  expect(await hooks.stop()).toMatchObject({ status: 0 });
  const lines = (await logsOf(first.name)).split('\n').filter((line) => line.trim() !== '');
  expect(lines.length).toBeGreaterThan(0);
  expect(lines.filter((line) => !line.startsWith('{'))).toEqual([]);
});
