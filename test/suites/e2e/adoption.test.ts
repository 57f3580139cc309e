import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { loadSettings } from '../../../settings/load';
import type { ZoneSettings } from '../../../settings/schema';
import { installAndRegister } from '../../../local/platform-server/install';
import {
  closeAll,
  currentReads,
  folder,
  liveApplication,
  moreTraffic,
  stack,
  stackAws,
  type LiveApplication,
} from './live-application';

const container = (version: string) => ({ servedBy: 'container', version });
const platformServer = { servedBy: 'platform-server', version: '1.0' } as const;
const legacy = 'adopted-legacy';

afterAll(closeAll);

const zone = (): ZoneSettings => {
  const found = loadSettings(stack().settings).zones['local'];
  if (!found) throw new Error('There is no zone.');
  return found;
};

/** What the vendor's reference automation makes: a service, its target group, and a wildcard rule a module. */
async function deployByAnotherTool(application: LiveApplication): Promise<string> {
  const { ecs, elb } = stackAws();
  const { cluster, container: place, network, targetGroup, registry, taskDefinition } = zone();
  const { taskDefinition: registered } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: legacy,
      ...(taskDefinition as object),
      networkMode: 'awsvpc',
      requiresCompatibilities: ['FARGATE'],
      containerDefinitions: [
        {
          name: 'web',
          environment: [{ name: 'LEGACY', value: 'kept' }],
          ulimits: [{ name: 'nofile', softLimit: 4096, hardLimit: 8192 }],
          stopTimeout: 55,
          image: `${registry}/${await application.image({ version: '1.5' })}`,
          portMappings: [{ containerPort: place.port }],
        },
      ],
    }),
  );
  const made = await elb.send(
    new CreateTargetGroupCommand({
      Name: legacy,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: targetGroup.vpc,
      HealthCheckPath: '/Adopted/_ping.aspx',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 3,
    }),
  );
  const group = made.TargetGroups?.[0]?.TargetGroupArn ?? '';
  const Value = String((targetGroup.deregistrationDelay ?? 0) / 1000);
  const Attributes = [{ Key: 'deregistration_delay.timeout_seconds', Value }];
  await elb.send(new ModifyTargetGroupAttributesCommand({ TargetGroupArn: group, Attributes }));
  const first = await rule(group, 10, '/nobody-asks-for-this');
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: legacy,
      taskDefinition: registered?.taskDefinitionArn,
      desiredCount: 2,
      launchType: 'FARGATE',
      loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: place.port }],
      networkConfiguration: { awsvpcConfiguration: { subnets: network?.subnets } },
    }),
  );
  while ((await healthy(group)) < 2) await new Promise((resolve) => setTimeout(resolve, 100));
  await rule(group, 11, '/Adopted*');
  await rule(group, 12, '/AdoptedAPI*');
  await elb.send(new DeleteRuleCommand({ RuleArn: first }));
  return group;
}

async function rule(targetGroupArn: string, Priority: number, path: string): Promise<string> {
  const { Rules = [] } = await stackAws().elb.send(
    new CreateRuleCommand({
      ListenerArn: zone().listener,
      Priority,
      Conditions: [{ Field: 'path-pattern', Values: [path] }],
      Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    }),
  );
  return Rules[0]?.RuleArn ?? '';
}

async function healthy(TargetGroupArn: string): Promise<number> {
  const { TargetHealthDescriptions = [] } = await stackAws().elb.send(
    new DescribeTargetHealthCommand({ TargetGroupArn }),
  );
  return TargetHealthDescriptions.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
}

async function rulesFrom(priority: number, to: number): Promise<ListenerRule[]> {
  await currentReads();
  const rules = await describeRules(stackAws().elb, zone().listener);
  return rules.filter((one) => Number(one.priority) >= priority && Number(one.priority) <= to);
}

async function legacyTasks(): Promise<number | undefined> {
  await currentReads();
  const found = await stackAws().ecs.send(new DescribeServicesCommand({ cluster: zone().cluster, services: [legacy] }));
  return found.services?.[0]?.desiredCount;
}

/** What a rule leads to now: a slot's target group and service bear the same name. */
async function serving(rule: ListenerRule | undefined) {
  const { ecs, elb } = stackAws();
  const TargetGroupArns = (rule?.forward ?? []).filter(({ weight }) => weight > 0).map((one) => one.targetGroupArn);
  const { TargetGroups: [group] = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns }));
  const services = [group?.TargetGroupName ?? ''];
  const found = await ecs.send(new DescribeServicesCommand({ cluster: zone().cluster, services }));
  const taskDefinition = found.services?.[0]?.taskDefinition;
  const definition = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return { group, containers: definition.taskDefinition?.containerDefinitions };
}

test('what another tool made is adopted under live traffic; a rollback puts its rules back, and an undo the release', async () => {
  const application = await liveApplication('Adopted', ['Adopted', 'AdoptedAPI']);
  const { deployments, target, traffic } = application;
  await traffic.expect('Adopted', [platformServer, container('1.5'), container('2.0')]);
  await deployByAnotherTool(application);
  await installAndRegister(folder, { application: 'Neighbour', modules: ['AdoptedByChance'], version: '1.0' });
  const theirs = await rulesFrom(11, 12);
  expect(await deployments.ask({ kind: 'live', ...target })).toMatchObject({ slot: null, servedBy: 'container' });

  const image = await application.image({ version: '2.0' });
  const preview = await deployments.ask({ kind: 'plan', ...target, deployment: { image } });
  expect(preview.stopsCatching).toEqual([
    '/Adopted* (priority 11), but for the modules themselves; among it /AdoptedByChance of Neighbour',
    '/AdoptedAPI* (priority 12), but for the modules themselves',
  ]);

  expect(preview.changes.flatMap(({ details }) => details)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(
        /^containerDefinitions\.web\.logConfiguration\.logDriver: none → "awslogs" \(cutover\.yaml:\d+\)$/,
      ),
      expect.stringMatching(/^launchType: "FARGATE" → "EC2" \(cutover\.yaml:\d+\)$/),
    ]),
  );

  await application.deploy({ version: '2.0' }, { bake: '1h' });
  await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  await deployments.command(target, 'rollback', { by: 'test' });
  await application.until(({ outcome }) => outcome === 'rolledBack');
  expect(await rulesFrom(11, 12)).toEqual(theirs);
  expect(await legacyTasks()).toBe(2);
  await traffic.expect('Adopted', [container('1.5'), container('2.0')]);

  expect(await application.ended(await application.deploy({ version: '2.0' }))).toMatchObject({
    result: { outcome: 'completed', failure: null, live: { slot: 'a', version: '2.0' } },
  });
  const [ours, ...others] = await rulesFrom(11, 12);
  expect(others).toEqual([]);
  expect(ours?.arn).toBe(theirs[0]?.arn);
  expect(await legacyTasks()).toBe(0);
  await traffic.expect('Adopted', [container('2.0')]);
  expect(await serving(ours)).toMatchObject({
    containers: [
      {
        name: 'web',
        environment: [{ name: 'LEGACY', value: 'kept' }],
        ulimits: [{ name: 'nofile', softLimit: 4096, hardLimit: 8192 }],
        stopTimeout: 55,
      },
    ],
    group: { HealthyThresholdCount: 3 },
  });
  await moreTraffic(application);
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [2] });

  await traffic.expect('Adopted', [container('2.0'), container('1.5')]);
  const undone = await deployments.start(target, 'undo', { bake: '1s' });
  expect(await application.ended(undone)).toMatchObject({
    result: { outcome: 'completed', live: { slot: 'b', version: '1.5' } },
  });
  await traffic.expect('Adopted', [container('1.5')]);
  await moreTraffic(application);
  expect(await application.onAws()).toEqual({ liveRules: 1, testRules: 0, desiredCounts: [0, 2] });
  expect((await application.judged()).failures).toEqual([]);
});
