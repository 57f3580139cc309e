/** `kill -9` of the control plane at any moment changes only how long things take; its tasks go on and are found again. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Task } from '@aws-sdk/client-ecs';
import { seededRandom } from '../src/faults/random';
import { readState } from '../src/store';
import { stopTasks } from '../src/tasks';
import { ask, createZone, type Zone } from './ecs/zone';
import { clientsOf, eventually, testCredentials, type LocalAws } from './local-aws';
import { startProxyStandIn, testControlKey } from './proxy-stand-in';
import { makeImage, server } from './sample-image';

interface AwsProcess {
  readonly endpoint: string;
  readonly child: ChildProcess;
}

async function startProcess(options: object): Promise<AwsProcess> {
  const child = spawn(process.execPath, [join(__dirname, 'aws-process.js'), JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const endpoint = await new Promise<string>((resolve) =>
    child.stdout?.once('data', (data) => resolve(String(data).trim())),
  );
  return { endpoint, child };
}

async function kill({ child }: AwsProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await gone;
}

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of cleanUp.splice(0).reverse()) await step();
});

test('killed again and again during a rolling deployment, it ends with the new revision, all bounds kept', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'local-aws-'));
  cleanUp.push(() => rm(folder, { recursive: true, force: true }));
  const imagesFolder = join(folder, 'images');
  await makeImage(imagesFolder, 'orders:1', server);
  await makeImage(imagesFolder, 'orders:2', server);
  const proxy = await startProxyStandIn();
  cleanUp.push(proxy.close, () => stopTasks(folder));
  const aws = { port: 0, controlPort: 0, proxyControlUrl: proxy.url, timeScale: 20, staleReads: false, rates: 'off' };
  const keys = { [testCredentials.accessKeyId]: testCredentials.secretAccessKey };
  const options = { folder, imagesFolder, keys, controlKey: testControlKey, ...aws };
  let running = await startProcess(options);
  cleanUp.push(() => kill(running));
  const local = { folder, proxy, ...clientsOf(running.endpoint) } as unknown as LocalAws;
  const zone: Zone = await createZone(local);
  const group = await zone.createGroup('orders', 10);
  await zone.createService('orders', await zone.registerTaskDefinition('orders:1'), {
    desiredCount: 3,
    deploymentConfiguration: { minimumHealthyPercent: 100, maximumPercent: 150 },
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 8080 }],
  });
  await zone.steady('orders');
  const taskDefinition = await zone.registerTaskDefinition('orders:2');
  await local.ecs.updateService({ cluster: 'zone', service: 'orders', taskDefinition });
  const random = seededRandom(7);
  for (let round = 0; round < 6; round++) {
    await sleep(random() * 400);
    await kill(running);
    // Tasks serve without the control plane: three of them, of either revision, still answer.
    expect(await answering(await tasksOnDisk(folder))).toBeGreaterThanOrEqual(3);
    running = await startProcess(options);
    Object.assign(local, clientsOf(running.endpoint));
  }
  await zone.steady('orders');
  const after = await zone.tasks('orders');
  expect(after.map((task) => task.taskDefinitionArn)).toEqual([taskDefinition, taskDefinition, taskDefinition]);
  expect(await answering(after)).toBe(3);
  const stopped = await eventually(
    () => zone.tasks('orders', 'STOPPED'),
    (tasks) => tasks.every(({ lastStatus }) => lastStatus === 'STOPPED'),
  );
  expect(await answering(stopped)).toBe(0);
  // A task is never started twice, however often its start was cut short.
  expect(stopped.map(({ containers }) => containers?.[0]?.exitCode)).toEqual(stopped.map(() => 0));
  await kill(running);
  expect(await answering(after)).toBe(3);
  expect(await stopTasks(folder)).toBe(3);
  expect(await answering(after)).toBe(0);
});

/** What the killed process left behind, in the form that DescribeTasks gives. */
async function tasksOnDisk(folder: string): Promise<Task[]> {
  const { ecs } = await readState(join(folder, 'state.json'));
  return Object.values(ecs.tasks).map(({ arn, containers }) => ({
    taskArn: arn,
    containers: containers.map(({ ports }) => ({ networkBindings: ports.map(({ hostPort }) => ({ hostPort })) })),
  }));
}

async function answering(tasks: readonly Task[]): Promise<number> {
  const answers = await Promise.all(tasks.map(ask));
  return answers.filter((answer, index) => answer?.['task'] === tasks[index]?.taskArn?.split('/').at(-1)).length;
}
