/** The output of a task can be read as on AWS, even after it crashed. */
import { join } from 'node:path';
import { CloudWatchLogs } from '@aws-sdk/client-cloudwatch-logs';
import { vpc } from '../ecs/zone';
import { eventually, startLocalAws, testCredentials, type LocalAws } from '../local-aws';
import { makeImage } from '../sample-image';

const failing = `console.log('starting'); console.error('no database at db:1433'); setTimeout(() => process.exit(3), 300);`;
const logGroupName = '/ecs/orders';
let local: LocalAws;
let logs: CloudWatchLogs;
let logStreamName: string;

beforeAll(async () => {
  local = await startLocalAws({ timeScale: 50 });
  logs = new CloudWatchLogs({
    endpoint: local.aws.endpoint,
    region: 'us-east-1',
    credentials: testCredentials,
    maxAttempts: 1,
  });
  await makeImage(join(local.folder, 'images'), 'orders:1', failing);
  const logConfiguration = {
    logDriver: 'awslogs' as const,
    options: { 'awslogs-group': logGroupName, 'awslogs-stream-prefix': 'orders', 'awslogs-region': 'us-east-1' },
  };
  await local.ecs.registerTaskDefinition({
    family: 'orders',
    networkMode: 'awsvpc',
    containerDefinitions: [{ name: 'web', image: 'orders:1', memory: 128, logConfiguration }],
  });
  await local.ecs.createCluster({});
  const { tasks } = await local.ecs.runTask({ taskDefinition: 'orders', networkConfiguration: vpc });
  const task = tasks?.[0]?.taskArn ?? '';
  await eventually(
    async () => (await local.ecs.describeTasks({ tasks: [task] })).tasks?.[0],
    (now) => now?.lastStatus === 'STOPPED',
  );
  logStreamName = `orders/web/${task.split('/').at(-1)}`;
});
afterAll(() => local.close());

test('a group or stream that is not there is refused', async () => {
  await expect(logs.getLogEvents({ logGroupName: '/ecs/invoices', logStreamName })).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
    message: 'The specified log group does not exist.',
  });
  await expect(logs.getLogEvents({ logGroupName, logStreamName: 'x' })).rejects.toMatchObject({
    message: 'The specified log stream does not exist.',
  });
});

test('a crashed task leaves its last words, in order and with their times', async () => {
  const { logStreams } = await logs.describeLogStreams({ logGroupName, logStreamNamePrefix: 'orders/' });
  expect(logStreams?.map((stream) => stream.logStreamName)).toEqual([logStreamName]);
  const { events, nextForwardToken } = await logs.getLogEvents({ logGroupName, logStreamName, startFromHead: true });
  expect(events?.map(({ message }) => message)).toEqual(['starting', 'no database at db:1433']);
  for (const { timestamp = 0 } of events ?? []) expect(Math.abs(Date.now() - timestamp)).toBeLessThan(60_000);
  const more = await logs.getLogEvents({ logGroupName, logStreamName, nextToken: nextForwardToken });
  expect([more.events, more.nextForwardToken]).toEqual([[], nextForwardToken]);
  const last = await logs.getLogEvents({ logGroupName, logStreamName, limit: 1 });
  expect(last.events?.map(({ message }) => message)).toEqual(['no database at db:1433']);
});

test('events are found by what they say', async () => {
  const find = async (filterPattern: string): Promise<(string | undefined)[]> =>
    ((await logs.filterLogEvents({ logGroupName, filterPattern })).events ?? []).map(({ message }) => message);
  expect(await find('database')).toEqual(['no database at db:1433']);
  expect(await find('"no database" -db')).toEqual([]);
  expect(await find('?starting ?database')).toHaveLength(2);
  await expect(find('{ $.level = "error" }')).rejects.toMatchObject({ name: 'InvalidParameterException' });
});
