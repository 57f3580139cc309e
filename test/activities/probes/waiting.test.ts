/** Green while people decide: it is said that it is sick, and that it is well again, and neither for one look alone. */
import { ECSClient } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { probesOf } from '../../../activities/probes';
import { routeTo, says, serve, site, type ProbedServer } from './load-balancer';

/** What AWS answers. */
const service = { desiredCount: 2, runningCount: 2, taskDefinition: 'definition', status: 'ACTIVE', deployments: [{}] };
const target = (State: string, Id = '10.0.0.7') => ({ Target: { Id, Port: 8080 }, TargetHealth: { State } });
let targets: ReturnType<typeof target>[];
let server: ProbedServer;
let answer: (path: string, times: number) => number;

beforeAll(async () => {
  server = await serve((path, times, response) => says(answer(path, times))(path, times, response));
});
afterAll(() => server.close());
beforeEach(() => {
  targets = [target('healthy'), target('healthy', '10.0.0.8')];
  answer = () => 200;
  server.asked.length = 0;
});

const send = ({ input }: { input: object }) =>
  Promise.resolve('services' in input ? { services: [{ serviceName: 'Orders-b', ...service }] } : { taskArns: [] });
const clients = {
  // The SDK pages through the lists of its own clients alone.
  ecs: Object.assign(Object.create(ECSClient.prototype) as ECSClient, { send }),
  elb: { send: () => Promise.resolve({ TargetHealthDescriptions: targets }) },
};

/** What a watch returns; looks are 160 ms apart, and 20 ms once something is another than was known. */
async function watched(known: string | null, changes = 0, activity = new MockActivityEnvironment()): Promise<unknown> {
  const green = {
    site,
    replicas: {
      service: 'Orders-b',
      taskDefinitionArn: 'definition',
      targetGroupArn: 'group',
      count: 2,
      ignoredTasks: [],
      timeoutMs: 60_000,
    },
    testAddress: routeTo(server.port),
    paths: ['/Orders', '/OrdersAPI'],
    verification: { settleMs: 0 },
  };
  return await activity.run(() =>
    probesOf({ clientsOf: () => clients as never }).watchVerified([green], known, changes),
  );
}

const looks = () => server.asked.filter((path) => path.startsWith('/Orders/')).length;

test('a module that answers wrongly makes green sick, with what it said', async () => {
  answer = (path) => (path.startsWith('/OrdersAPI/') ? 500 : 200);
  expect(await watched(null)).toMatch(/\/OrdersAPI\/_ping\.aspx answered HTTP 500/);
  expect(looks()).toBe(2);
});

test('a replica that is unhealthy, or gone, makes it sick although every module answers', async () => {
  targets = [target('healthy'), target('unhealthy', '10.0.0.8')];
  expect(await watched(null)).toMatch(/^Orders-b wants 2 healthy replicas: .*1 healthy \(healthy, unhealthy\)/);
  targets = [target('healthy')];
  expect(await watched(null)).toMatch(/^Orders-b wants 2 healthy replicas: .*1 healthy/);
});

test('one wrong answer alone says nothing, and neither does a replica more that starts', async () => {
  answer = (_path, times) => (times === 1 ? 500 : 200);
  targets = [...targets, target('initial', '10.0.0.9')];
  const activity = new MockActivityEnvironment();
  const watching = watched(null, 0, activity);
  while (looks() < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  activity.cancel();
  await expect(watching).rejects.toThrow('CANCELLED');
});

test('it is well again after two looks, and after more where it has sickened often', async () => {
  expect(await watched('It was sick.', 1)).toBeNull();
  expect(looks()).toBe(3);
  server.asked.length = 0;
  expect(await watched('It was sick.', 5)).toBeNull();
  expect(looks()).toBe(7);
});

test('what is sick as was known is no news: whoever goes on after a worker that died waits until it is well', async () => {
  let isMended = false;
  answer = () => (isMended ? 200 : 503);
  const watching = watched('It was sick.', 0);
  while (looks() < 3) await new Promise((resolve) => setTimeout(resolve, 20));
  isMended = true;
  expect(await watching).toBeNull();
});

test('what can not be read is no health: the activity fails, and is tried again', async () => {
  const { ecs } = clients;
  const failing = { ecs, elb: { send: () => Promise.reject(new Error('Rate exceeded')) } };
  const activity = new MockActivityEnvironment();
  const asked = activity.run(() =>
    probesOf({ clientsOf: () => failing as never }).watchVerified(
      [{ site, replicas: { targetGroupArn: 'group' }, testAddress: routeTo(server.port), paths: [] } as never],
      null,
      0,
    ),
  );
  await expect(asked).rejects.toThrow('Rate exceeded');
});
