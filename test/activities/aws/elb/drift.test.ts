/** What somebody else changes of a target group in mid-deployment, against the local AWS through the real SDK. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { createClients } from '../../../../activities/aws/client/clients';
import type { AwsDependencies } from '../../../../activities/aws/dependencies';
import { driftActivities } from '../../../../activities/aws/elb/drift';
import {
  describeAttributes,
  describeHealthChecks,
  targetGroupActivities,
} from '../../../../activities/aws/elb/target-groups';
import type { ReliedTargetGroup } from '../../../../planning/observed/drift';
import type { TargetGroupPlan } from '../../../../planning/plans/target-group';
import { startLocalAws, testCredentials, type LocalAws } from '../../../../packages/local-aws/test/local-aws';
import { asRun, callsOf } from '../local-zone';

const plan: TargetGroupPlan = {
  name: 'green',
  protocol: 'HTTP',
  port: 80,
  targetType: 'ip',
  vpcId: 'vpc-1',
  healthCheck: {
    path: '/Orders/_ping.aspx',
    intervalSeconds: 10,
    timeoutSeconds: 5,
    healthyThreshold: 2,
    unhealthyThreshold: 2,
    matcher: '200',
  },
  attributes: { 'deregistration_delay.timeout_seconds': '30' },
  tags: {},
};

const site = { region: 'us-east-1', cluster: 'outsystems', runId: 'run-1' };

let local: LocalAws;
let aws: AwsDependencies;
let green: string;
let blue: ReliedTargetGroup;

beforeAll(async () => {
  local = await startLocalAws();
  const clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  aws = { clientsOf: () => clients };
  const { createTargetGroup, setTargetGroupAttributes } = targetGroupActivities(aws);
  const arn = await asRun('run-1', async () => {
    green = await createTargetGroup(site, plan);
    await setTargetGroupAttributes(site, green, plan.attributes);
    return await createTargetGroup(site, { ...plan, name: 'blue' });
  });
  const { elb } = clients;
  const checks = await describeHealthChecks(elb, [arn]);
  blue = { arn, settings: { ...checks.get(arn), ...(await describeAttributes(elb, arn)) } };
});
afterAll(() => local.close());

/** @param since when a deployment began to ask: so long ago that a difference is no late read, unless a test says otherwise */
const confirm = (since = 1, relied: ReliedTargetGroup | null = blue): Promise<void> =>
  new MockActivityEnvironment({ scheduledTimestampMs: since }).run(() =>
    driftActivities(aws).confirmTargetGroups(site, { arn: green, plan }, relied),
  );
const setAttribute = (arn: string, Key: string, Value: string) =>
  local.elbv2.modifyTargetGroupAttributes({ TargetGroupArn: arn, Attributes: [{ Key, Value }] });
const listed = async (): Promise<number> => Object.values(await callsOf(local)).reduce((sum, count) => sum + count, 0);

test('target groups that nobody touched are confirmed by three calls', async () => {
  const before = await listed();
  await confirm();
  expect((await listed()) - before).toBe(3);
});

test('a health check that somebody changed is refused, saying what it was and is, until it is back', async () => {
  await local.elbv2.modifyTargetGroup({
    TargetGroupArn: green,
    HealthCheckPath: '/',
    Matcher: { HttpCode: '200-499' },
  });
  await expect(confirm()).rejects.toMatchObject({
    type: 'TargetGroupChangedByOthers',
    message:
      'Target group green (HealthCheckPath: /Orders/_ping.aspx → /, Matcher: 200 → 200-499) was changed by somebody else. Retry looks again and goes on once it is as it was; a rollback brings back what served before and leaves the change alone.',
  });
  await local.elbv2.modifyTargetGroup({
    TargetGroupArn: green,
    HealthCheckPath: plan.healthCheck.path,
    Matcher: { HttpCode: '200' },
  });
  await confirm();
});

test('attributes of both groups are told together', async () => {
  await setAttribute(green, 'deregistration_delay.timeout_seconds', '0');
  await setAttribute(blue.arn, 'stickiness.enabled', 'true');
  await expect(confirm()).rejects.toThrow(
    'Target group green (deregistration_delay.timeout_seconds: 30 → 0) and Target group blue (stickiness.enabled: false → true) were changed',
  );
  await setAttribute(green, 'deregistration_delay.timeout_seconds', '30');
  await setAttribute(blue.arn, 'stickiness.enabled', 'false');
  await confirm();
});

test('what the plan says nothing about is other people’s to change', async () => {
  await setAttribute(green, 'slow_start.duration_seconds', '30');
  await confirm();
});

test('a read that is late is no change of somebody else’s', async () => {
  await setAttribute(green, 'deregistration_delay.timeout_seconds', '5');
  const fault = { kind: 'staleReads', operation: 'elasticloadbalancing:DescribeTargetGroupAttributes', times: 1 };
  await fetch(`${local.aws.controlUrl}/faults`, {
    method: 'POST',
    body: JSON.stringify({ ...fault, staleMs: 600_000 }),
  });
  await setAttribute(green, 'deregistration_delay.timeout_seconds', '30');
  const before = await listed();
  await confirm(Date.now() + 600_000, null);
  expect((await listed()) - before).toBe(4);
});

test('a target group that is gone is said to be', async () => {
  const gone = { ...blue, arn: blue.arn.replace('/blue/', '/gone/') };
  await expect(confirm(1, gone)).rejects.toThrow('Target group gone (it is gone) was changed by somebody else');
});
