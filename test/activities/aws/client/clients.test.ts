/** The clients against the local AWS: reads that go out together, and roles that are taken on. */
import { DescribeClustersCommand } from '@aws-sdk/client-ecs';
import { CancelledFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { awsClients, createClients } from '../../../../activities/aws/client/clients';
import type { AwsCall } from '../../../../activities/aws/client/calls';
import { describeService } from '../../../../activities/aws/ecs/services';
import { createZone } from '../../../../packages/local-aws/test/ecs/zone';
import { startLocalAws, testCredentials, type LocalAws } from '../../../../packages/local-aws/test/local-aws';

let local: LocalAws;
const environment = { ...process.env };
beforeAll(async () => {
  local = await startLocalAws();
  await createZone(local);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL: local.aws.endpoint,
    AWS_ACCESS_KEY_ID: testCredentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: testCredentials.secretAccessKey,
  });
});
afterAll(async () => {
  process.env = environment;
  await local.close();
});

const counted = async (operation: string): Promise<number> => {
  const calls = (await (await fetch(`${local.aws.controlUrl}/calls`)).json()) as Record<string, number>;
  return calls[operation] ?? 0;
};

test('a role that cannot be taken on is a missing permission, not an outage', async () => {
  const { ecs } = awsClients()({ region: 'us-east-1', role: { arn: 'arn:aws:iam::999999999999:role/cutover' } });
  await expect(ecs.send(new DescribeClustersCommand({}))).rejects.toMatchObject({
    type: 'AccessDenied',
    nonRetryable: true,
    message: expect.stringContaining('sts:AssumeRole'),
  });
});

test('a role is taken on once for many calls, and the zone without one asks for none', async () => {
  const clientsOf = awsClients();
  const role = { arn: 'arn:aws:iam::000000000000:role/cutover/worker', externalId: 'zone-1' };
  const before = await counted('sts:AssumeRole');
  for (const place of [{ region: 'us-east-1', role }, { region: 'us-east-1', role }, { region: 'us-east-1' }])
    await clientsOf(place).ecs.send(new DescribeClustersCommand({}));
  expect((await counted('sts:AssumeRole')) - before).toBe(1);
});

test('twenty-five services that are asked for at once are three calls, and one that is not there is none', async () => {
  const { ecs } = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const before = await counted('ecs:DescribeServices');
  const names = Array.from({ length: 25 }, (_, index) => `service-${index}`);
  const answers = await Promise.all(names.map((name) => describeService(ecs, 'zone', name)));
  expect(answers).toEqual(names.map(() => undefined));
  expect((await counted('ecs:DescribeServices')) - before).toBe(3);
});

test('who is cancelled leaves what is asked together, and the others get their answer', async () => {
  const { ecs } = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const [cancelled, other] = [new MockActivityEnvironment(), new MockActivityEnvironment()];
  const answers = Promise.allSettled(
    [cancelled, other].map((activity) => activity.run(() => describeService(ecs, 'zone', 'orders-b'))),
  );
  cancelled.cancel('CANCELLED');
  expect(await answers).toMatchObject([
    { status: 'rejected', reason: expect.any(CancelledFailure) },
    { status: 'fulfilled', value: undefined },
  ]);
});

test('what is asked together fails together', async () => {
  const { ecs } = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  const answers = await Promise.allSettled(['a', 'b'].map((name) => describeService(ecs, 'nowhere', name)));
  expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
});

test('every call is told of, with how it went', async () => {
  const calls: AwsCall[] = [];
  const { ecs } = awsClients({ observe: (call) => calls.push(call) })({ region: 'us-east-1' });
  await ecs.send(new DescribeClustersCommand({}));
  await describeService(ecs, 'nowhere', 'a').catch(() => undefined);
  expect(calls).toMatchObject([
    { service: 'ecs', operation: 'DescribeClusters', failure: null },
    { service: 'ecs', operation: 'DescribeServices', failure: 'NotFound' },
  ]);
});
