/** `cutover local fault`: what an operator types reaches the local AWS of the stack, and takes effect. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runFaultCommand } from '../../../local/fault/command';
import { startLocalAws, type LocalAws } from '../../../packages/local-aws/test/local-aws';

let local: LocalAws;

beforeAll(async () => {
  local = await startLocalAws();
  await writeFile(join(local.folder, 'local.json'), JSON.stringify({ aws: { control: local.aws.controlUrl } }));
});
afterEach(() => fault('clear'));
afterAll(() => local.close());

async function fault(...words: string[]): Promise<string[]> {
  const lines: string[] = [];
  await runFaultCommand([...words, '--dir', local.folder], (line) => lines.push(line));
  return lines;
}

test('without a stack it says which one is missing', async () => {
  await expect(runFaultCommand(['list', '--dir', '/nowhere'], () => undefined)).rejects.toThrow(
    'No local stack runs there (/nowhere/local.json is missing): start one with "cutover local".',
  );
});

test('what the local AWS refuses is said in its words', async () => {
  await expect(fault('latency', '--operation', 'not this', '--latency-ms', '5')).rejects.toThrow(
    "The fault isn't valid: operation: must be like ecs:UpdateService, ecs:Describe* or *.",
  );
  await expect(fault('clear', '404')).rejects.toThrow('There is no fault 404.');
});

test('a fault bites once it is set, is listed with its strikes, and is over when it is taken back', async () => {
  expect(await fault('list')).toEqual(['No fault is set.']);
  await fault('error', '--operation', 'ecs:ListClusters', '--code', 'ServerException', '--status', '503');
  await expect(local.ecs.listClusters({})).rejects.toMatchObject({
    name: 'ServerException',
    $metadata: { httpStatusCode: 503 },
  });
  const [listed = ''] = await fault('list');
  expect(listed).toMatch(/error .*operation="ecs:ListClusters" .*struck 1 times/);
  await fault('clear', listed.split(' ')[0] ?? '');
  await local.ecs.listClusters({});
});

test('a call can be left unanswered without an effect', async () => {
  await fault('noAnswer', '--operation', 'ecs:CreateCluster', '--no-effect', '--how', 'reset', '--times', '1');
  await expect(local.ecs.createCluster({ clusterName: 'lost' })).rejects.toBeInstanceOf(Error);
  expect((await local.ecs.describeClusters({ clusters: ['lost'] })).failures).toHaveLength(1);
});

test.each([
  ['access-denied', '--operation', '*'],
  ['throttling', '--share', '0.5'],
  ['latency', '--operation', 'ecs:*', '--latency-ms', '1', '--jitter-ms', '1', '--probability', '0.5', '--seed', '7'],
  ['stale-reads', '--stale-ms', '100'],
  ['propagation', '--batch-seconds', '20', '--jitter-seconds', '2'],
  ['task-crash', '--service', 'orders-a', '--after-ms', '100'],
  ['task-hang', '--family', 'orders'],
  ['slow-start', '--image', 'orders:2', '--after-ms', '5000'],
  ['task-delays', '--pending-ms', '20000'],
  ['no-image', '--image', 'orders:2'],
  ['flapping-health', '--target-group', 'orders-a', '--period-ms', '500'],
  ['capacity', '--tasks', '3'],
  ['load-balancer-restart', '--how', 'end'],
])('%s is a kind that can be set', async (...words) => {
  const [line = ''] = await fault(...words);
  expect(line.replaceAll(/[a-z]*"/g, '')).toContain(
    words[0]?.replace(/-./g, ([, letter = '']) => letter.toUpperCase()),
  );
});
