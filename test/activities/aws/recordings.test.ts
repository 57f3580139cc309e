/** Answers of real accounts are read without a throw, and nothing that they don't say is taken for good. */
import { MockActivityEnvironment } from '@temporalio/testing';
import type { Service, Task } from '@aws-sdk/client-ecs';
import type { Rule, TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';
import { createClients } from '../../../activities/aws/client/clients';
import { observeService } from '../../../activities/aws/ecs/observed-services';
import { allHealthy, formatProgress, observeReplicas, type Replicas } from '../../../activities/aws/ecs/replica-health';
import { describeRoll, type ObservedRoll } from '../../../activities/aws/ecs/roll-progress';
import { replicaActivities } from '../../../activities/aws/ecs/replicas';
import { withScaling } from '../../../activities/aws/scaling/scaling';
import { describeService } from '../../../activities/aws/ecs/services';
import { isFailed } from '../../../activities/aws/ecs/failed-tasks';
import { describeTaskDefinition } from '../../../activities/aws/ecs/task-definitions';
import { isTargetOf } from '../../../activities/aws/targets/target-tasks';
import { describeListener, describeRules } from '../../../activities/aws/elb/listener-rules';
import { awsActions, awsCondition } from '../../../activities/aws/elb/rule-conversion';
import { observeTargetGroup } from '../../../activities/aws/elb/target-groups';
import { findForeignRoute } from '../../../planning/adoption/foreign-route';
import { blueOf } from '../../../planning/observed/blue';
import type { ObservedService } from '../../../planning/observed/observed';
import { refuseUnsuitable } from '../../../planning/observed/suitability';
import { releaseIn } from '../../../planning/release/release';
import { isSuspended } from '../../../planning/scaling/scaling';
import { planServiceSettings } from '../../../planning/twin/service-settings';
import { resolveRunbookOptions } from '../../../settings/runbook';
import { testCredentials } from '../../../packages/local-aws/test/local-aws';
import { orders, zoneSettings } from '../../planning/zone';
import { clientsAnswering, recorded } from './recorded-answers';

const services: readonly Service[] = [
  ...recorded['ecs:DescribeServices'].flatMap(({ services: found = [] }) => found),
  ...[...recorded['ecs:UpdateService'], ...recorded['ecs:DeleteService']].map(({ service }) => service),
];
const tasks: readonly Task[] = [
  ...recorded['ecs:DescribeTasks'].flatMap(({ tasks: found = [] }) => found),
  ...recorded['ecs:StopTask'].map(({ task }) => task),
];
const definitions = recorded['ecs:DescribeTaskDefinition'].flatMap(({ taskDefinition }) => taskDefinition ?? []);
const rules: readonly Rule[] = recorded['elasticloadbalancing:DescribeRules'].flatMap(({ Rules = [] }) => Rules);
const groups: readonly TargetGroup[] = recorded['elasticloadbalancing:DescribeTargetGroups'].flatMap(
  ({ TargetGroups = [] }) => TargetGroups,
);
const [targets] = recorded['elasticloadbalancing:DescribeTargetHealth'];

const clientsWith = (service: Service, more: Readonly<Record<string, object>> = {}) =>
  clientsAnswering({
    DescribeServices: { services: [service] },
    DescribeTaskDefinition: { taskDefinition: definitions[0] },
    ListTasks: { taskArns: ['all'] },
    DescribeTasks: { tasks },
    DescribeContainerInstances: { containerInstances: [] },
    DescribeServiceRevisions: { serviceRevisions: [] },
    DescribeTargetHealth: targets ?? {},
    ...more,
  });

const observe = async (service: Service, more?: Readonly<Record<string, object>>) =>
  await observeService(clientsWith(service, more).ecs, 'zone', service.serviceName ?? '');

/** Every recorded service that isn't going, as a plan sees it. */
async function observed(): Promise<ObservedService[]> {
  return (await Promise.all(services.map((service) => observe(service)))).flatMap((one) => one ?? []);
}

const replicasOf = (service: Service): Replicas => ({
  service: service.serviceName ?? '',
  taskDefinitionArn: service.taskDefinition ?? '',
  targetGroupArn: 'group',
  count: service.desiredCount ?? 0,
  ignoredTasks: [],
  timeoutMs: 60_000,
});

const refusal = (service: ObservedService) => {
  const slot = { slot: 'a', service, targetGroupArn: 'group' } as const;
  const blue = { kind: 'slot', slot: 'a', release: null, targetGroupArn: 'group' } as const;
  const { name, taskDefinitionArn, desiredCount } = service;
  refuseUnsuitable(
    { zone: zoneSettings(), options: resolveRunbookOptions({}) },
    { slots: [slot] },
    { ...blue, service: name, taskDefinitionArn, desiredCount },
  );
};

test('a service is observed whole, or not at all while it goes', async () => {
  const going = services.filter(({ status }) => status !== 'ACTIVE');
  expect(going.length).toBeGreaterThan(0);
  expect(await Promise.all(going.map((service) => observe(service)))).toEqual(going.map(() => null));
  const found = await observed();
  expect(found).toHaveLength(services.length - going.length);
  for (const { desiredCount, runningCount, pendingCount, taskDefinitionArn, traits } of found) {
    for (const count of [desiredCount, runningCount, pendingCount]) expect(count).toEqual(expect.any(Number));
    expect(taskDefinitionArn).toMatch(/^arn:aws:ecs:/);
    expect(traits).toMatchObject({ strategy: 'ROLLING', scheduling: 'REPLICA', missingInTwin: [] });
  }
});

test('a twin has a launch type or a strategy, and never both', async () => {
  const settings = (await observed()).map((one) => one.settings);
  expect(settings.filter(({ capacityProviderStrategy }) => capacityProviderStrategy)).not.toEqual([]);
  for (const twin of settings.map((one) => planServiceSettings({ service: {}, network: undefined }, one)))
    expect(Object.keys(twin).filter((key) => /^(launchType|capacityProviderStrategy)$/.test(key))).toHaveLength(1);
});

test('a service with task sets is refused by who deploys it', async () => {
  const [found] = (await observed()).filter(({ traits }) => traits?.controller !== 'ECS');
  expect(() => refusal(found!)).toThrow(/is deployed by CODE_DEPLOY, which would undo what cutover does/);
});

test('a service of an external deployer names no task definition of its own, and is refused too', async () => {
  const [coded] = services.filter(({ taskSets, status }) => taskSets && status === 'ACTIVE');
  const { taskDefinition: _own, ...external } = { ...coded, deploymentController: { type: 'EXTERNAL' } as const };
  const found = await clientsWithoutDefinitions(external);
  expect(found?.traits?.controller).toBe('EXTERNAL');
  expect(() => refusal(found!)).toThrow(/is deployed by EXTERNAL/);
});

/** DescribeTaskDefinition of nothing is a failure on AWS. */
async function clientsWithoutDefinitions(service: Service): Promise<ObservedService | null> {
  const clients = clientsAnswering({ DescribeServices: { services: [service] } });
  return await observeService(clients.ecs, 'zone', service.serviceName ?? '');
}

test('a service behind a Classic Load Balancer, and one with Service Connect, are refused for what a twin would lack', async () => {
  const plain = services.find(
    ({ status, loadBalancers, taskSets }) => status === 'ACTIVE' && loadBalancers && !taskSets,
  )!;
  const entry = (name: string) => ({
    targetGroupArn: `arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/${name}/0123456789abcdef`,
    containerName: 'web',
    containerPort: 80,
  });
  const several = await observe({ ...plain, loadBalancers: [entry('one'), entry('two'), { loadBalancerName: 'old' }] });
  expect(several?.ports?.map(({ targetGroupArn }) => targetGroupArn)).toEqual(several?.targetGroupArns);
  expect(() => refusal(several!)).toThrow(/has loadBalancerName \(a Classic Load Balancer\), which a twin/);
  const [deployment] = plain.deployments ?? [];
  const connected = { ...deployment, serviceConnectConfiguration: { enabled: true } };
  const beside = { ...deployment, status: 'ACTIVE' };
  for (const deployments of [[connected], [connected, beside], [beside, connected]]) {
    const found = await observe({ ...plain, deployments });
    expect(() => refusal(found!)).toThrow(/uses Service Connect, whose discovery names only one service can have/);
  }
});

test('targets without a state are not healthy, and replicas that nothing is known of are none', async () => {
  for (const service of services) {
    const clients = clientsWith(service);
    const count = targets?.TargetHealthDescriptions?.length ?? 0;
    const replicas = { ...replicasOf(service), count };
    const seen = await observeReplicas(clients, 'zone', replicas);
    const paired = { ...service, desiredCount: count, runningCount: count };
    expect(allHealthy({ ...seen, service: paired }, replicas)).toBe(false);
    const progress = () => Promise.resolve(formatProgress(seen, replicas));
    expect(await new MockActivityEnvironment().run(progress)).toMatch(/0 healthy \(unknown/);
  }
});

test('a roll counts no replica as new that no healthy target belongs to', async () => {
  const healthy = { Target: { Id: '10.9.9.9', Port: 80 }, TargetHealth: { State: 'healthy' } };
  const bare = tasks.map(({ attachments: _one, containers: _other, ...task }) => task);
  for (const running of [tasks, bare])
    for (const service of services.filter(({ desiredCount = 0 }) => desiredCount > 0)) {
      const wanted = { ...service, taskDefinition: running[0]?.taskDefinitionArn };
      const clients = clientsWith(wanted, {
        DescribeTasks: { tasks: running },
        DescribeTargetHealth: { TargetHealthDescriptions: [healthy] },
      });
      const look = () => describeRoll(clients, 'zone', replicasOf(wanted));
      const { progress } = (await new MockActivityEnvironment().run(look)) as ObservedRoll;
      expect(progress).toMatchObject({ new: 0, complete: false });
    }
});

test('replicas are counted, and a task that somebody stopped has not failed by itself', async () => {
  for (const service of services) {
    const { describeReplicas } = replicaActivities({ clientsOf: () => clientsWith(service) });
    const counts = await describeReplicas({ cluster: 'zone' } as never, service.serviceName ?? '');
    expect(counts).toMatchObject({ desiredCount: service.desiredCount, runningCount: service.runningCount });
    expect(counts.stoppedTasks).toEqual(tasks.map(({ taskArn }) => taskArn));
  }
  const stopped = tasks.filter(({ lastStatus }) => lastStatus === 'STOPPED');
  expect(stopped.map(isFailed)).toEqual(stopped.map(({ stopCode }) => stopCode === 'TaskFailedToStart'));
  expect(tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED').some(isFailed)).toBe(false);
});

test('a task with a network of its own is its address’s target, and nobody else’s', () => {
  for (const task of tasks.filter(({ attachments = [] }) => attachments.length > 0)) {
    const details = task.attachments?.flatMap((one) => one.details ?? []) ?? [];
    const address = details.find(({ name }) => name === 'privateIPv4Address')?.value;
    if (address !== undefined) expect(isTargetOf(task, { Target: { Id: address, Port: 80 } })).toBe(true);
    expect(isTargetOf(task, { Target: { Id: '10.9.9.9', Port: 80 } })).toBe(false);
  }
});

test('a task definition of another tool is no release, and describes itself', async () => {
  for (const taskDefinition of definitions) {
    const { ecs } = clientsAnswering({ DescribeTaskDefinition: { taskDefinition } });
    expect(await describeTaskDefinition(ecs, taskDefinition.family ?? '')).toBe(taskDefinition);
    expect(releaseIn(taskDefinition)).toBeUndefined();
  }
});

test('scaling is suspended where all of it is, whatever the account leaves out', async () => {
  const [service] = await observed();
  for (const answer of recorded['application-autoscaling:DescribeScalableTargets']) {
    const ScalableTargets = (answer.ScalableTargets ?? []).map((target) => ({
      ...target,
      ResourceId: `service/zone/${service!.name}`,
    }));
    const seen = { slots: [{ slot: 'a', service: service!, targetGroupArn: null, attributes: {} }] } as const;
    const suspended = async (all: object[]) => {
      const none = { DescribeScalingPolicies: {}, DescribeScheduledActions: {} };
      const clients = clientsAnswering({ ...none, DescribeScalableTargets: { ScalableTargets: all } });
      const { scaling } = (await withScaling(clients, 'zone', seen)).slots[0].service as ObservedService;
      return scaling && isSuspended(scaling);
    };
    const held = ScalableTargets.every(({ SuspendedState = {} }) => Object.values(SuspendedState).every(Boolean));
    expect(await suspended(ScalableTargets)).toBe(held);
    expect(await suspended(ScalableTargets.map(({ SuspendedState: _suspended, ...rest }) => rest))).toBe(false);
  }
});

test('rules in the old spelling and in the new are the same to plans, and are written back whole', async () => {
  const { elb } = clientsAnswering({ DescribeRules: { Rules: rules }, DescribeTags: { TagDescriptions: [] } });
  const read = await describeRules(elb, 'listener');
  expect(read.map(({ priority }) => priority)).toEqual(
    rules.map(({ Priority, IsDefault }) => (IsDefault ? 'default' : Number(Priority))),
  );
  for (const [index, rule] of read.entries()) {
    expect(rule.conditions.flatMap(({ values }) => values)).toEqual(
      (rules[index]?.Conditions ?? []).flatMap(({ Values = [] }) => Values),
    );
    expect(awsActions(rule, false).map(({ Type }) => Type)).toEqual(rules[index]?.Actions?.map(({ Type }) => Type));
    for (const condition of rule.conditions.map(awsCondition)) expect(Object.keys(condition)).toHaveLength(2);
  }
});

test('a rule that only says "default" in its priority is the default one, and an empty list of groups hides no forward', async () => {
  const [TargetGroupArn] = groups.map((group) => group.TargetGroupArn);
  const Actions = [{ Type: 'forward' as const, TargetGroupArn, ForwardConfig: { TargetGroups: [] } }];
  const { elb } = clientsAnswering({
    DescribeRules: {
      Rules: [
        { RuleArn: 'one', Priority: 'default', Actions },
        { RuleArn: 'two', Priority: '7' },
      ],
    },
    DescribeTags: {},
  });
  expect(await describeRules(elb, 'listener')).toMatchObject([
    { priority: 'default', conditions: [], forward: [{ targetGroupArn: TargetGroupArn, weight: 1 }] },
    { priority: 7, conditions: [], forward: [], otherActions: [] },
  ]);
});

test('every listener tells what serves by its default rule, or that none does', async () => {
  for (const { Listeners = [] } of recorded['elasticloadbalancing:DescribeListeners'])
    for (const listener of Listeners) {
      const Rules = [...rules.slice(0, 1), { RuleArn: 'default', IsDefault: true, Actions: listener.DefaultActions }];
      const clients = clientsAnswering({
        DescribeListeners: { Listeners: [listener] },
        DescribeLoadBalancers: { LoadBalancers: [] },
        DescribeRules: { Rules },
        DescribeTags: { TagDescriptions: [] },
      });
      const found = await describeListener(clients.elb, listener.ListenerArn ?? '');
      const forwards = listener.DefaultActions?.some(({ Type }) => Type === 'forward');
      expect(blueOf(orders, found, [])).toEqual({
        kind: 'platformServer',
        targetGroupArn: forwards ? expect.stringContaining(':targetgroup/') : null,
      });
      expect(() => findForeignRoute(orders, found, ['/api/x'], ['apps.example.com'])).not.toThrow();
    }
});

test('a target group’s settings are texts, whatever kind it is of', async () => {
  const [attributes = {}] = recorded['elasticloadbalancing:DescribeTargetGroupAttributes'];
  for (const group of groups) {
    const { elb } = clientsAnswering({
      DescribeTargetGroups: { TargetGroups: [group] },
      DescribeTargetGroupAttributes: attributes,
    });
    const found = await observeTargetGroup(elb, group.TargetGroupArn ?? '');
    for (const value of Object.values({ ...found.attributes, ...found.healthCheck }))
      expect(value).toEqual(expect.any(String));
    expect(found.fixed).toMatchObject({ protocol: group.Protocol, port: group.Port, vpcId: group.VpcId });
    expect(found.fixed?.targetType).toBe(group.TargetType ?? 'instance');
  }
});

test('members that AWS spells out as null are as good as absent', async () => {
  const absent = ['loadBalancers', 'deployments', 'events', 'deploymentConfiguration', 'capacityProviderStrategy'];
  const nulls = Object.fromEntries(absent.map((member) => [member, null]));
  const body = JSON.stringify({ services: [{ serviceName: 'orders-a', status: 'ACTIVE', ...nulls }], failures: null });
  const clients = createClients('us-east-1', { endpoint: 'http://127.0.0.1:9', credentials: testCredentials });
  clients.ecs.middlewareStack.add(
    () => () => Promise.resolve({ response: { statusCode: 200, headers: {}, body: Buffer.from(body) } }) as never,
    { step: 'deserialize', priority: 'low' },
  );
  expect(await observeService(clients.ecs, 'zone', 'orders-a')).toMatchObject({
    desiredCount: 0,
    targetGroupArns: [],
    traits: { controller: 'ECS', serviceConnect: false },
  });
});

test('an absent cluster or service is none', async () => {
  const [missing] = recorded['ecs:DescribeClusters'].filter(({ failures = [] }) => failures.length > 0);
  expect(missing?.failures).toMatchObject([{ reason: 'MISSING' }]);
  const { ecs } = clientsAnswering({ DescribeServices: { ...missing, services: [] } });
  expect(await describeService(ecs, 'zone', 'orders-a')).toBeUndefined();
});
