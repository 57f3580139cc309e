/**
 * A stack whose tasks are containers: the sample application's own Dockerfile is built by the engine, and deployed under traffic. Each
 * task has an address of its own, at which the load balancer asks it.
 */
import { DescribeTasksCommand, ListTasksCommand, type Task } from '@aws-sdk/client-ecs';
import type { LiveApplication } from '../e2e/live-application';
import { startOwnStack, type OwnStack } from '../chaos/own-stack';
import { folderLabel } from '../../../packages/local-aws/src/engine/create';
import { eventually } from '../../../packages/local-aws/test/local-aws';
import { stackFolders } from '../../../local/stack/folders';
import { podman } from './podman';

let own: OwnStack;

beforeAll(async () => {
  own = await startOwnStack({ timeScale: 10, tasks: 'podman', failedStarts: 0 });
}, 300_000);

afterAll(async () => {
  await own.close();
  await podman('rmi', '--force', 'boxed:2.0', 'boxed:3.0');
}, 120_000);

const containersOfStack = async (...more: readonly string[]) => {
  const { aws } = stackFolders(own.living.folder);
  const ids = await podman('ps', '--quiet', '--filter', `label=${folderLabel}=${aws}`, ...more);
  return ids.split('\n').filter((id) => id !== '');
};

async function tasksOf(application: LiveApplication): Promise<Task[]> {
  const { ecs } = own.living.stackAws();
  const { cluster } = own.living.stack().aws;
  const services = await application.services();
  const listed = await Promise.all(
    // Reads are late: a service that one of them tells of, another one doesn't know yet.
    services.map(async (serviceName) =>
      ecs.send(new ListTasksCommand({ cluster, serviceName })).catch((error: Error) => {
        if (!/Service not found/.test(error.message)) throw error;
        return { taskArns: [] };
      }),
    ),
  );
  const tasks = listed.flatMap(({ taskArns = [] }) => taskArns);
  return (await ecs.send(new DescribeTasksCommand({ cluster, tasks }))).tasks ?? [];
}

const addressOf = ({ containers = [] }: Task) => containers[0]?.networkInterfaces?.[0]?.privateIpv4Address ?? '';

/** The container with an address. */
async function containerAt(address: string): Promise<string> {
  const ids = await containersOfStack();
  const addresses = await podman(
    'inspect',
    ...ids,
    '--format',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}',
  );
  return ids[addresses.split('\n').indexOf(address)] ?? '';
}

test('an image of a real Dockerfile is deployed blue-green under traffic, and a container that crashes on the way loses nothing', async () => {
  const application = await own.living.inContainers('Boxed', ['Boxed', 'BoxedAPI']);
  const before = await tasksOf(application);
  const addresses = before.map(addressOf);
  // Until it has its own, a task shows the machine's.
  const known = new Set(['', '127.0.0.1', ...addresses]);
  expect(new Set(addresses).size).toBe(2);
  expect(addresses.filter((address) => address.startsWith('127.'))).toEqual([]);
  expect(await containersOfStack()).toHaveLength(2);

  await application.traffic.expect('Boxed', [
    { servedBy: 'container', version: '2.0' },
    { servedBy: 'container', version: '3.0' },
  ]);
  const started = await application.deploy({ version: '3.0' }, { approval: 'afterVerify', bake: '30s' });
  const ofGreen = async () => (await tasksOf(application)).map(addressOf).filter((address) => !known.has(address));
  const isTwo = (found: readonly string[]) => found.length === 2;
  const [struck = ''] = await eventually(ofGreen, isTwo);
  // Nobody's requests go there before the approval, however long this takes.
  await podman('kill', await containerAt(struck));
  // Where it died before it was healthy, the deployment holds and says why; later, another one has taken its place.
  const { phase: held, failure } = await application.until(({ phase }) => phase === 'hold' || phase === 'approve');
  const answer = async (command: 'retry' | 'approve') =>
    await application.deployments.command(application.target, command, { by: 'test' });
  if (held === 'hold') {
    expect(failure).toMatch(
      /container application exited with code 137; last log lines: Boxed 3\.0 listens on 0\.0\.0\.0:8080/,
    );
    await answer('retry');
  }
  await application.until(({ phase }) => phase === 'approve');
  await eventually(ofGreen, (found) => isTwo(found) && !found.includes(struck));
  await answer('approve');
  await application.until(({ phase }) => phase === 'bake');
  // One of blue's, which nobody is sent to any more: what was sent there before is answered by now.
  await own.living.moreTraffic(application, 100);
  await podman('kill', await containerAt(addresses[0] ?? ''));
  expect(await application.ended(started)).toMatchObject({
    result: { outcome: 'completed', live: { version: '3.0' } },
  });
  expect((await tasksOf(application)).map(addressOf)).not.toContain(struck);
  await own.living.expectWhole(application, [0, 2], 1);
});
