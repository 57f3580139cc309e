/** The activities against the local AWS, through the real SDK: each is run twice, because Temporal may. */
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { join } from 'node:path';
import { awsActivities } from '../../../activities/aws/index';
import { createClients, type AwsClients } from '../../../activities/aws/client/clients';
import { describeRelease } from '../../../activities/aws/ecr/images';
import { describeListener, describeRules } from '../../../activities/aws/elb/listener-rules';
import { describeLoadBalancerUse } from '../../../activities/aws/elb/load-balancers';
import { observeListeners } from '../../../activities/aws/plans/observe';
import { planBlueGreen, type DeploymentPlan } from '../../../planning/plans/deployment';
import { routeRules } from '../../../planning/routing/rule-set';
import { resolveRunbookOptions } from '../../../settings/runbook';
import { startLocalAws, testCredentials, type LocalAws } from '../../../packages/local-aws/test/local-aws';
import { makeImage, server } from '../../../packages/local-aws/test/sample-image';
import { orders, release, slot, zoneSettings } from '../../planning/zone';

const registry = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
let local: LocalAws;
let clients: AwsClients;
let listenerArn: string;
let plan: DeploymentPlan;

beforeAll(async () => {
  local = await startLocalAws();
  clients = createClients('us-east-1', { endpoint: local.aws.endpoint, credentials: testCredentials });
  await makeImage(join(local.folder, 'images'), 'orders:1', server, { labels: { 'io.cutover.modules': '["Orders"]' } });
  await local.ecs.createCluster({ clusterName: 'outsystems' });
  listenerArn = await createListener();
  plan = await planFor('run-1');
});
afterAll(() => local.close());

async function createListener(): Promise<string> {
  const { elbv2 } = local;
  const { LoadBalancers = [] } = await elbv2.createLoadBalancer({ Name: 'main', Subnets: ['subnet-1', 'subnet-2'] });
  const { TargetGroups = [] } = await elbv2.createTargetGroup({
    Name: 'platform',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
  });
  const { Listeners = [] } = await elbv2.createListener({
    LoadBalancerArn: LoadBalancers[0]?.LoadBalancerArn,
    Protocol: 'HTTP',
    Port: 28_080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: TargetGroups[0]?.TargetGroupArn }],
  });
  return Listeners[0]?.ListenerArn ?? '';
}

async function planFor(runId: string): Promise<DeploymentPlan> {
  const { testListener: _, ...zone } = zoneSettings(
    ", testRoute: { value: 'a-long-secret' }, targetGroup: { vpc: vpc-1 }",
  );
  const observedListener = await describeListener(clients.elb, listenerArn);
  return planBlueGreen(
    {
      runId,
      application: orders,
      options: resolveRunbookOptions(),
      zone: { ...zone, network: { subnets: ['subnet-1'], securityGroups: [], assignPublicIp: false } },
      desiredCount: 1,
      paths: {},
      record: { strategy: 'blueGreen', by: null, reason: null },
    },
    {
      liveListener: observedListener,
      testListener: observedListener,
      elsewhere: [],
      slots: [slot('a'), slot('b')],
      release: release('1', ['Orders']),
    },
  );
}

type Activities = ReturnType<typeof awsActivities>;

/** Runs an activity as the workflow run that planned would, or as another one. */
async function run<Name extends keyof Activities>(
  name: Name,
  args: Parameters<Activities[Name]>,
  runId = 'run-1',
): Promise<Awaited<ReturnType<Activities[Name]>>> {
  const activities = awsActivities({
    clientsOf: () => clients,
    settings: () => {
      throw new Error('no settings here');
    },
    lastAbandonedRun: () => Promise.resolve(undefined),
  });
  const environment = new MockActivityEnvironment({ workflowExecution: { workflowId: 'production/Orders', runId } });
  const activity = activities[name] as unknown as (...given: readonly unknown[]) => Promise<unknown>;
  const answer: unknown = await environment.run(() => activity(...args));
  return answer as Awaited<ReturnType<Activities[Name]>>;
}

const greenGroup = () => run('createTargetGroup', [plan.site, plan.green.targetGroup]);
const calls = async (): Promise<Record<string, number>> =>
  (await (await fetch(`${local.aws.controlUrl}/calls`)).json()) as Record<string, number>;

test('a write of another run than the planning one never reaches AWS', async () => {
  const before = (await calls())['elasticloadbalancing:CreateTargetGroup'] ?? 0;
  await expect(run('createTargetGroup', [plan.site, plan.green.targetGroup], 'run-2')).rejects.toMatchObject({
    type: 'PlanOfAnotherRun',
    message: expect.stringContaining('start a new deployment'),
  });
  expect((await calls())['elasticloadbalancing:CreateTargetGroup'] ?? 0).toBe(before);
});

test('a task definition is registered once a run, however often it is tried', async () => {
  const first = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  expect(await run('registerTaskDefinition', [plan.site, plan.taskDefinition])).toBe(first);
  const next = await planFor('run-9');
  expect(await run('registerTaskDefinition', [next.site, next.taskDefinition], 'run-9')).not.toBe(first);
});

test('a target group is made once, and its health check and attributes become as planned', async () => {
  const arn = await greenGroup();
  expect(await greenGroup()).toBe(arn);
  const changed = {
    ...plan.green.targetGroup,
    healthCheck: { ...plan.green.targetGroup.healthCheck, intervalSeconds: 30 },
  };
  await run('setTargetGroup', [plan.site, arn, changed]);
  await run('setTargetGroupAttributes', [plan.site, arn, { 'deregistration_delay.timeout_seconds': '7' }]);
  const { TargetGroups = [] } = await local.elbv2.describeTargetGroups({ TargetGroupArns: [arn] });
  expect(TargetGroups[0]?.HealthCheckIntervalSeconds).toBe(30);
  const writes = (await calls())['elasticloadbalancing:ModifyTargetGroup'];
  await run('setTargetGroup', [plan.site, arn, changed]);
  expect((await calls())['elasticloadbalancing:ModifyTargetGroup']).toBe(writes);
});

describe('the route', () => {
  const ours = async () => routeRules(await describeRules(clients.elb, listenerArn), orders, 'live');

  test('a priority that somebody took meanwhile means another one, not a failure', async () => {
    const priority = plan.liveRoute.rules[0]?.priority ?? 0;
    await local.elbv2.createRule({
      ListenerArn: listenerArn,
      Priority: priority,
      Conditions: [{ Field: 'path-pattern', Values: ['/theirs'] }],
      Actions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '404' } }],
    });
    const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
    expect(await run('setRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups])).toEqual({
      changed: true,
    });
    const [rule] = await ours();
    expect(rule?.priority).toBeLessThan(priority);
    expect(rule?.forward).toMatchObject([{ targetGroupArn: groups.green }]);
  });

  test('set again it changes nothing', async () => {
    const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
    expect(await run('setRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups])).toEqual({
      changed: false,
    });
    expect(await ours()).toHaveLength(1);
    await run('confirmRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups, null]);
  });

  test('a rule of others that leads to what is retired next is told, and none that gives it nothing', async () => {
    const green = await greenGroup();
    const retired = await run('createTargetGroup', [plan.site, { ...plan.green.targetGroup, name: 'retired' }]);
    const forwarding = (...targets: readonly (readonly [string, number])[]) => [
      {
        Type: 'forward' as const,
        ForwardConfig: { TargetGroups: targets.map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })) },
      },
    ];
    const { Rules = [] } = await local.elbv2.createRule({
      ListenerArn: plan.liveRoute.listenerArn,
      Priority: 49_000,
      Conditions: [{ Field: 'path-pattern', Values: ['/theirs-too'] }],
      Actions: forwarding([retired, 1]),
    });
    const confirm = () =>
      run('confirmRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, { blue: retired, green }, retired]);
    await expect(confirm()).rejects.toMatchObject({
      type: 'RouteChangedByOthers',
      message: expect.stringMatching(/priority 49000.* to what would be retired next: it forwards \/theirs-too to/),
    });
    await local.elbv2.modifyRule({ RuleArn: Rules[0]?.RuleArn, Actions: forwarding([retired, 0], [green, 1]) });
    await confirm();
    await local.elbv2.deleteRule({ RuleArn: Rules[0]?.RuleArn });
    // Another listener's default rule may lead there too.
    const { Listeners: [live] = [] } = await local.elbv2.describeListeners({ ListenerArns: [listenerArn] });
    const { Listeners: [other] = [] } = await local.elbv2.createListener({
      LoadBalancerArn: live?.LoadBalancerArn,
      Protocol: 'HTTP',
      Port: 28_081,
      DefaultActions: forwarding([retired, 1]),
    });
    await expect(confirm()).rejects.toThrow(/priority default.* to what would be retired next/);
    // No listener is read twice, and together they are what the load balancer's quotas count.
    const reads = async () => (await calls())['elasticloadbalancing:DescribeRules'] ?? 0;
    const before = await reads();
    const zone = { listener: listenerArn, testListener: other?.ListenerArn ?? '' };
    const seen = await observeListeners(clients.elb, zone);
    expect(await reads()).toBe(before + 2);
    const { rules, targetGroups } = await describeLoadBalancerUse(clients.elb, seen);
    expect(rules).toBe(seen.liveListener.rules.length - 1);
    expect(targetGroups).toBe(
      (await describeLoadBalancerUse(clients.elb, { ...seen, elsewhere: [] })).targetGroups + 1,
    );
    await local.elbv2.deleteListener({ ListenerArn: other?.ListenerArn });
    await confirm();
  });

  test('changed by somebody else it is refused, saying what it is now, and stays as they made it', async () => {
    const [rule] = await ours();
    const groups = { blue: plan.blue.targetGroupArn, green: await greenGroup() };
    const theirs = [{ Field: 'path-pattern' as const, Values: ['/Orders/by-hand'] }];
    await local.elbv2.modifyRule({ RuleArn: rule?.arn, Conditions: theirs });
    await expect(run('setRoute', [plan.site, plan.liveRoute, 'before', groups])).rejects.toMatchObject({
      type: 'RouteChangedByOthers',
      message: expect.stringContaining('it now forwards /Orders/by-hand to'),
    });
    await expect(
      run('confirmRoute', [plan.site, plan.liveRoute, { blue: 0, green: 100 }, groups, null]),
    ).rejects.toMatchObject({ type: 'RouteChangedByOthers' });
    expect((await ours())[0]?.conditions).toMatchObject([{ values: ['/Orders/by-hand'] }]);
    await local.elbv2.deleteRule({ RuleArn: rule?.arn });
    expect(await run('setRoute', [plan.site, plan.liveRoute, 'before', groups])).toEqual({ changed: false });
  });
});

test('a desired count of 0 for a service that does not exist is nothing to do', async () => {
  await expect(run('setDesiredCount', [plan.site, 'gone', 0])).resolves.toBeUndefined();
  await expect(run('setDesiredCount', [plan.site, 'gone', 2])).rejects.toMatchObject({ type: 'NotFound' });
});

test('a count that somebody raised stays where at least so many are wanted, and another revision is refused first', async () => {
  const taskDefinition = await run('registerTaskDefinition', [plan.site, plan.taskDefinition]);
  await local.ecs.createService({
    cluster: plan.site.cluster,
    serviceName: 'raised',
    taskDefinition,
    desiredCount: 3,
    networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1'] } },
  });
  const count = async () =>
    (await local.ecs.describeServices({ cluster: plan.site.cluster, services: ['raised'] })).services?.[0]
      ?.desiredCount;
  await run('setDesiredCount', [plan.site, 'raised', 2, taskDefinition, 'atLeast']);
  expect(await count()).toBe(3);
  await expect(run('setDesiredCount', [plan.site, 'raised', 4, 'another:1', 'atLeast'])).rejects.toMatchObject({
    type: 'ServiceChangedByOthers',
  });
  expect(await count()).toBe(3);
  await run('setDesiredCount', [plan.site, 'raised', 0, taskDefinition]);
  expect(await count()).toBe(0);
});

describe('images', () => {
  const described = (image: string, zoneRegistry: string | undefined = registry) =>
    describeRelease(() => clients, image, { registry: zoneRegistry }, {});

  test('a tag becomes the digest it points at now, and the image tells its modules', async () => {
    const found = await described('orders:1');
    expect(found).toMatchObject({ image: 'orders:1', version: '1', modules: ['Orders'] });
    expect(found.reference).toBe(`${registry}/orders@${found.digest}`);
    expect(await described(found.reference)).toMatchObject({ digest: found.digest });
  });

  test.each([
    ['orders:9', /There is no image orders:9/],
    ['nothing:1', /there is no repository nothing/],
    ['docker.io/library/orders:1', /not in Amazon ECR, so what its tag points at can't be pinned/],
    [`docker.io/library/orders@sha256:${'0'.repeat(64)}`, /doesn't say which modules it holds/],
  ])('%s is refused with one sentence', async (image, message) => {
    await expect(described(image)).rejects.toThrow(message);
  });
});

test('an AWS that can’t be reached is worth a retry, a missing permission is not', async () => {
  const nowhere = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  const failure = await describeRules(nowhere.elb, listenerArn).catch((error: unknown) => error);
  expect(failure).toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  const denied = { kind: 'accessDenied', operation: 'elasticloadbalancing:DescribeRules', times: 1 };
  await fetch(`${local.aws.controlUrl}/faults`, { method: 'POST', body: JSON.stringify(denied) });
  const refusal = await describeRules(clients.elb, listenerArn).catch((error: unknown) => error);
  expect(refusal).toBeInstanceOf(ApplicationFailure);
  expect(refusal).toMatchObject({
    type: 'AccessDenied',
    nonRetryable: true,
    message: expect.stringContaining('Grant it'),
  });
});
