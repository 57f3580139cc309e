/** The stack as its command runs it: a process of the compiled command line, ended and killed from outside. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateServiceCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import { buildImage } from '../../../local/images/build';
import { writeBundle } from '../../../local/sample/bundle';
import { stackFolders } from '../../../local/stack/folders';
import { choosePorts } from '../../../local/stack/ports';
import {
  isRunning,
  signalProcess,
  type ProcessIdentity,
} from '../../../packages/local-aws/src/processes/process-identity';
import type { StackReport } from '../../../local/stack/report';
import { inTemporaryFolder } from '../images/bundles';

interface Run {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

const commandLine = resolve(__dirname, '..', '..', '..', 'bin', 'cutover.js');

function cutover(...words: string[]): Run {
  const { TEMPORAL_ADDRESS: _, ...env } = process.env;
  const child = spawn(process.execPath, [commandLine, ...words], { env });
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const ended = once(child, 'close').then(([status]) => status as number | null);
  return { child, output: () => output, ended };
}

async function startStack(folder: string): Promise<Run> {
  const run = cutover('local', '--dir', folder, '--ports', 'auto', '--time-scale', '10');
  await until(() => run.output().includes('Ready.') || run.child.exitCode !== null);
  expect(run.output()).toContain('Ready.');
  return run;
}

const report = (folder: string): StackReport =>
  JSON.parse(readFileSync(stackFolders(folder).report, 'utf8')) as StackReport;

const processesOf = (folder: string): ProcessIdentity[] => Object.values(report(folder).processes);

async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await fact())) await sleep(50);
}

/** Creates a service of one task, as a deployment would leave it behind. */

async function runService(folder: string): Promise<void> {
  const { aws } = report(folder);
  const ecs = new ECSClient({ endpoint: aws.endpoint, region: aws.region, credentials: aws });
  await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: 'orders',
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      cpu: '256',
      memory: '512',
      containerDefinitions: [{ name: 'application', image: 'orders:1', portMappings: [{ containerPort: 8080 }] }],
    }),
  );
  const network = { awsvpcConfiguration: { subnets: ['subnet-0a0a0a0a0a0a0a0a0'] } };
  const service = { cluster: aws.cluster, serviceName: 'orders', taskDefinition: 'orders', desiredCount: 1 };
  await ecs.send(new CreateServiceCommand({ ...service, launchType: 'FARGATE', networkConfiguration: network }));
  ecs.destroy();
}

/** The processes of tasks that run from the folder's images. */
function tasksOf(folder: string): number[] {
  const images = stackFolders(folder).images;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(images);
      } catch {
        return false;
      }
    })
    .map(Number);
}

test('a port in use is one sentence, exit status 1, and nothing is left running', async () => {
  await inTemporaryFolder(async (folder) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const ports = { ...(await choosePorts(folder, 'auto')), loadBalancer: port };
    writeFileSync(join(folder, 'ports.json'), JSON.stringify(ports));
    const run = cutover('local', '--dir', folder, '--ports', 'auto');
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(new RegExp(`^cutover: Port ${port} \\(load balancer\\) is in use: [^\\n]*\\n$`));
    expect(existsSync(join(folder, 'processes.json'))).toBe(false);
    server.close();
  });
});

test('a folder that can not be written is one sentence and exit status 1', async () => {
  await inTemporaryFolder(async (folder) => {
    writeFileSync(join(folder, 'file'), '');
    const run = cutover('local', '--dir', join(folder, 'file'));
    expect(await run.ended).toBe(1);
    expect(run.output()).toMatch(/^cutover: The folder [^\n]* can't be written [^\n]*\n$/);
  });
});

test('processes are replaced when they die, and SIGTERM ends all of them and every task', async () => {
  await inTemporaryFolder(async (folder) => {
    mkdirSync(stackFolders(folder).images, { recursive: true });
    await writeBundle(
      { application: 'Orders', modules: ['Orders'], version: '1', startSeconds: 0 },
      join(folder, 'orders.zip'),
    );
    await buildImage(stackFolders(folder).images, join(folder, 'orders.zip'), 'orders:1');
    const run = await startStack(folder);
    try {
      const second = cutover('local', '--dir', folder);
      expect(await second.ended).toBe(1);
      expect(second.output()).toContain('A stack already runs');

      await runService(folder);
      await until(() => tasksOf(folder).length > 0);
      const [task] = tasksOf(folder);

      for (const name of ['hooks', 'worker', 'aws', 'loadBalancer', 'platformServer', 'temporal'] as const) {
        const before = report(folder).processes[name] ?? { pid: 0, started: '' };
        expect(signalProcess(before, 'SIGKILL')).toBe(true);
        await until(() => (report(folder).processes[name]?.started ?? before.started) !== before.started);
      }
      const { loadBalancer } = report(folder);
      const ping = async (): Promise<boolean> =>
        await fetch(`${loadBalancer}/ServiceCenter/_ping.aspx`).then(
          ({ ok }) => ok,
          () => false,
        );
      await until(ping);
      expect(tasksOf(folder)).toContain(task);

      const all = processesOf(folder);
      run.child.kill('SIGTERM');
      expect(await run.ended).toBe(0);
      expect(all.filter(isRunning)).toEqual([]);
      expect(tasksOf(folder)).toEqual([]);
      expect(existsSync(stackFolders(folder).report)).toBe(false);
    } finally {
      run.child.kill('SIGTERM');
      await run.ended;
    }
  });
});

test('after a crash of its own a stack ends what was left, goes on with what was stored, and Ctrl-C ends all of it', async () => {
  await inTemporaryFolder(async (folder) => {
    const crashed = await startStack(folder);
    const left = processesOf(folder);
    const { aws } = report(folder);
    crashed.child.kill('SIGKILL');
    await crashed.ended;
    expect(left.every(isRunning)).toBe(true);
    const settings = readFileSync(stackFolders(folder).settings, 'utf8');

    const run = await startStack(folder);
    expect(left.filter(isRunning)).toEqual([]);
    expect(report(folder).aws).toEqual(aws);
    expect(readFileSync(stackFolders(folder).settings, 'utf8')).toBe(settings);
    const all = processesOf(folder);
    run.child.kill('SIGINT');
    expect(await run.ended).toBe(0);
    expect(all.filter(isRunning)).toEqual([]);
  });
});
