/**
 * The local AWS alone, with tasks that are containers: what ECS tells of them, and what is left of them. They are podman's; with
 * `CONTAINERS_ENGINE=docker` those of a Docker daemon, which must have `node:22-slim`.
 */
import type { ContainerDefinition, Task } from '@aws-sdk/client-ecs';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderLabel } from '../../../packages/local-aws/src/engine/create';
import { engineOf } from '../../../packages/local-aws/src/engine/engine';
import { readyTasks } from '../../../packages/local-aws/src/engine/ready';
import { vpc } from '../../../packages/local-aws/test/ecs/zone';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../../../packages/local-aws/test/local-aws';

const engine = engineOf(process.env['CONTAINERS_ENGINE'] === 'docker' ? 'docker' : 'podman');

const image = 'probe:1';
const probe = `
const { createServer } = require('node:http');
const does = process.env.DOES ?? 'serve';
console.log('it is to ' + does);
if (does === 'fail') process.exit(3);
if (does === 'eat') for (const eaten = []; ; ) eaten.push(Buffer.alloc(8 << 20, 1));
process.on('SIGTERM', () => (does === 'stay' ? console.log('not now') : process.exit(0)));
createServer((request, response) => response.end(JSON.stringify({ greeting: process.env.GREETING, task: process.env.LOCAL_AWS_TASK }))).listen(8080);
`;

let local: LocalAws;

beforeAll(async () => {
  const context = await mkdtemp(join(tmpdir(), 'cutover-probe-'));
  await writeFile(join(context, 'probe.js'), probe);
  await writeFile(
    join(context, 'Dockerfile'),
    'FROM node:22-slim\nWORKDIR /probe\nCOPY probe.js .\nENV GREETING=hello\nCMD ["node", "probe.js"]\n',
  );
  await engine.run(['build', '--quiet', '--tag', image, context]);
  await rm(context, { recursive: true });
  local = await startLocalAws({ tasks: engine.name });
  await local.ecs.createCluster({ clusterName: 'zone' });
}, 300_000);

afterAll(async () => {
  await local.close();
  expect(await containersOf(local)).toEqual([]);
}, 120_000);

const containersOf = async ({ folder }: LocalAws) => {
  const label = `label=${folderLabel}=${folder}`;
  const names = await engine.run(['ps', '--all', '--format', '{{.Names}}', '--filter', label]);
  return names.split('\n').filter((name) => name !== '');
};

interface Run {
  readonly does?: 'serve' | 'fail' | 'eat' | 'stay';
  readonly networkMode?: 'awsvpc' | 'bridge';
  readonly sidecars?: readonly ContainerDefinition[];
  readonly over?: Partial<ContainerDefinition>;
}

/** Runs one task, and gives its ARN. */
async function run({ does = 'serve', networkMode = 'awsvpc', sidecars = [], over = {} }: Run): Promise<string> {
  const { taskDefinition } = await local.ecs.registerTaskDefinition({
    family: 'probe',
    networkMode,
    containerDefinitions: [
      {
        name: 'web',
        image,
        memory: 128,
        portMappings: [{ containerPort: 8080 }],
        environment: [{ name: 'DOES', value: does }],
        logConfiguration: {
          logDriver: 'awslogs',
          options: { 'awslogs-group': 'probe', 'awslogs-region': 'us-east-1' },
        },
        ...over,
      },
      ...sidecars,
    ],
  });
  const { tasks = [] } = await local.ecs.runTask({
    cluster: 'zone',
    taskDefinition: taskDefinition?.taskDefinitionArn,
    ...(networkMode === 'awsvpc' && { networkConfiguration: vpc }),
  });
  return tasks[0]?.taskArn ?? '';
}

const until = async (arn: string, lastStatus: 'RUNNING' | 'STOPPED'): Promise<Task> => {
  const describe = async () => (await local.ecs.describeTasks({ cluster: 'zone', tasks: [arn] })).tasks?.[0] ?? {};
  const found = await eventually(describe, (task) => [lastStatus, 'STOPPED'].includes(task.lastStatus ?? ''));
  expect(found).toMatchObject({ lastStatus });
  return found;
};

const addressOf = ({ containers = [] }: Task) => containers[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';
const stop = async (task: string) => await local.ecs.stopTask({ cluster: 'zone', task, reason: 'enough' });

/** What a task's server answers, once it listens. */
const ask = async (url: string) =>
  await eventually(
    async () => (await (await fetch(url).catch(() => undefined))?.json()) as Record<string, string> | undefined,
    (answer) => answer !== undefined,
    10_000,
  );

async function loggedBy({ taskArn = '', containers = [] }: Task): Promise<string[]> {
  const settings = { endpoint: local.aws.endpoint, region: 'us-east-1', credentials: testCredentials };
  const logs = new CloudWatchLogs(settings);
  const logStreamName = containers[0]?.runtimeId ?? taskArn;
  const { events = [] } = await logs.getLogEvents({ logGroupName: 'probe', logStreamName, startFromHead: true });
  return events.map(({ message = '' }) => message);
}

test.each([
  ['an image that is not there', { image: 'probe:404' }, /^CannotPullContainerError: .*probe:404: not found$/],
  ['an image of a registry that does not answer', { image: '127.0.0.1:9/probe:1' }, /^CannotPullContainerError: .*/],
  ['a program that is not in it', { command: ['no-such-program'] }, /^CannotStartContainerError: .*no-such-program.*/],
])('%s stops the task with the reason', async (_what, over, reason) => {
  const stopped = await until(await run({ over }), 'STOPPED');
  expect(stopped).toMatchObject({
    stopCode: 'TaskFailedToStart',
    stoppedReason: expect.stringMatching(reason),
    containers: [{ reason: expect.stringMatching(reason) }],
  });
});

test('a container that ends tells its exit code, and its lines are in CloudWatch Logs', async () => {
  const stopped = await until(await run({ does: 'fail' }), 'STOPPED');
  expect(stopped).toMatchObject({
    stopCode: 'EssentialContainerExited',
    stoppedReason: 'Essential container in task exited',
    containers: [{ exitCode: 3 }],
  });
  expect(await loggedBy(stopped)).toEqual(['it is to fail']);
});

test('a container that takes more than its memory is killed for it', async () => {
  // Not on every machine does podman know why; packages/local-aws/test/engine has the reason.
  expect(await until(await run({ does: 'eat' }), 'STOPPED')).toMatchObject({ containers: [{ exitCode: 137 }] });
});

test('each task has an address of its own, with its own variables, and ends by SIGTERM with its own status', async () => {
  const arns = [await run({}), await run({ over: { environment: [{ name: 'GREETING', value: 'good "day"' }] } })];
  const tasks = await Promise.all(arns.map(async (arn) => await until(arn, 'RUNNING')));
  const [one = '', other = ''] = tasks.map(addressOf);
  expect(one).not.toBe(other);
  expect(tasks.map(({ containers = [] }) => containers[0]?.networkBindings?.[0]?.hostPort)).toEqual([8080, 8080]);
  expect(await ask(`http://${one}:8080/`)).toEqual({ greeting: 'hello', task: arns[0]?.split('/').at(-1) });
  expect(await ask(`http://${other}:8080/`)).toMatchObject({ greeting: 'good "day"' });
  for (const arn of arns) await stop(arn);
  for (const arn of arns)
    expect(await until(arn, 'STOPPED')).toMatchObject({ stoppedReason: 'enough', containers: [{ exitCode: 0 }] });
});

test('one that ignores SIGTERM is killed when its time is over', async () => {
  const arn = await run({ does: 'stay', over: { stopTimeout: 40 } });
  await ask(`http://${addressOf(await until(arn, 'RUNNING'))}:8080/`);
  await stop(arn);
  const stopped = await until(arn, 'STOPPED');
  expect(stopped).toMatchObject({ containers: [{ exitCode: 137 }] });
  expect(await loggedBy(stopped)).toEqual(['it is to stay', 'not now']);
  const took = (stopped.executionStoppedAt?.getTime() ?? 0) - (stopped.stoppingAt?.getTime() ?? 0);
  expect(took).toBeGreaterThanOrEqual(2_000);
});

test('outside of awsvpc a container has a port of this machine', async () => {
  const arn = await run({ networkMode: 'bridge' });
  const { containers = [] } = await until(arn, 'RUNNING');
  const { bindIP, hostPort } = containers[0]?.networkBindings?.[0] ?? {};
  expect(bindIP).toBe('127.0.0.1');
  expect(await ask(`http://127.0.0.1:${hostPort}/`)).toMatchObject({ greeting: 'hello' });
  await stop(arn);
});

test('the containers of a task find each other at 127.0.0.1', async () => {
  const asks = `const ask = () => fetch('http://127.0.0.1:8080/').then(async (answer) => console.log(await answer.text()), () => setTimeout(ask, 100)); ask();`;
  const sidecar = { name: 'asks', image, memory: 128, essential: false, command: ['node', '-e', asks] };
  const arn = await run({ sidecars: [sidecar] });
  await until(arn, 'RUNNING');
  const ended = await eventually(
    async () => (await local.ecs.describeTasks({ cluster: 'zone', tasks: [arn] })).tasks?.[0]?.containers ?? [],
    (containers) => containers.some(({ name, lastStatus }) => name === 'asks' && lastStatus === 'STOPPED'),
  );
  expect(ended.find(({ name }) => name === 'asks')).toMatchObject({ exitCode: 0 });
  await stop(arn);
});

test('faults strike containers: one is killed, one hangs until the fault is taken back', async () => {
  const set = async (fault: object) => {
    const answer = await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(fault) });
    return ((await answer.json()) as { id: string }).id;
  };
  await set({ kind: 'taskCrash', family: 'probe', afterMs: 500, times: 1 });
  expect(await until(await run({}), 'STOPPED')).toMatchObject({ containers: [{ exitCode: 137 }] });
  const hang = await set({ kind: 'taskHang', family: 'probe', afterMs: 500, times: 1 });
  const arn = await run({});
  const url = `http://${addressOf(await until(arn, 'RUNNING'))}:8080/`;
  const answers = async () =>
    await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
      ({ ok }) => ok,
      () => false,
    );
  await eventually(answers, (answered) => !answered, 30_000);
  await fetch(`${local.aws.controlUrl}/faults/${hang}`, { method: 'DELETE' });
  await eventually(answers, (answered) => answered, 30_000);
  await stop(arn);
});

test('a control plane that starts again finds its containers, and what a crash left is removed at the next start', async () => {
  const arn = await run({});
  const before = await until(arn, 'RUNNING');
  await local.restart();
  expect(addressOf(await until(arn, 'RUNNING'))).toBe(addressOf(before));
  await ask(`http://${addressOf(before)}:8080/`);
  expect((await containersOf(local)).join(' ')).toContain(arn.split('/').at(-1));
  await readyTasks(local.folder, engine.name);
  expect(await containersOf(local)).toEqual([]);
  expect(await until(arn, 'STOPPED')).toMatchObject({ stoppedReason: 'Essential container in task exited' });
});
