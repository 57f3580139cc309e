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
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import type { ListenerRule } from '../../../planning/routing/listener-rules';
import { loadSettings } from '../../../settings/load';
import type { ZoneSettings } from '../../../settings/schema';
import { stackRole } from '../../../local/stack/policies';
import { zoneName } from '../../../local/stack/zone';
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

/** What others find the service by, and what its tasks have: both slots have it too. */
const found = {
  enableExecuteCommand: true,
  serviceRegistries: [{ registryArn: 'arn:aws:servicediscovery:us-east-1:000000000000:service/srv-adopted' }],
  volumeConfigurations: [
    { name: 'scratch', managedEBSVolume: { roleArn: stackRole(zoneName, 'volumes'), sizeInGiB: 1 } },
  ],
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
      volumes: [{ name: 'scratch', configuredAtLaunch: true }],
      containerDefinitions: [
        {
          name: 'web',
          environment: [{ name: 'LEGACY', value: 'kept' }],
          ulimits: [{ name: 'nofile', softLimit: 4096, hardLimit: 8192 }],
          stopTimeout: 55,
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }],
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
      tags: [{ key: 'Team', value: 'shop' }],
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      ...found,
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

/** Word for word what AWS says of them, and their tags. */
async function describedRules(priority: number, to: number) {
  await currentReads();
  const { elb } = stackAws();
  const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn: zone().listener }));
  const rules = Rules.filter((one) => Number(one.Priority) >= priority && Number(one.Priority) <= to);
  const ResourceArns = rules.map(({ RuleArn = '' }) => RuleArn);
  const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
  return { rules, TagDescriptions };
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
  const cluster = zone().cluster;
  const { services: [service] = [] } = await ecs.send(
    new DescribeServicesCommand({ cluster, services, include: ['TAGS'] }),
  );
  const definition = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: service?.taskDefinition }));
  const volumeConfigurations = service?.deployments?.[0]?.volumeConfigurations;
  return {
    group,
    service: { ...service, volumeConfigurations },
    containers: definition.taskDefinition?.containerDefinitions,
  };
}

test('what another tool made is adopted under live traffic; a rollback puts its rules back, and an undo the release', async () => {
  const application = await liveApplication('Adopted', ['Adopted', 'AdoptedAPI']);
  const { deployments, target, traffic } = application;
  await traffic.expect('Adopted', [platformServer, container('1.5'), container('2.0')]);
  await deployByAnotherTool(application);
  await installAndRegister(folder, { application: 'Neighbour', modules: ['AdoptedByChance'], version: '1.0' });
  const [theirs, exactly] = [await rulesFrom(11, 12), await describedRules(11, 12)];
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
      'deploymentConfiguration.deploymentCircuitBreaker as now, once this deployment is over',
      expect.stringMatching(/^in Cloud Map service .*srv-adopted from its start/),
    ]),
  );

  await application.deploy({ version: '2.0' }, { bake: '1h' });
  await application.until(({ phase, deadline }) => phase === 'bake' && deadline !== null);
  await deployments.command(target, 'rollback', { by: 'test' });
  await application.until(({ outcome }) => outcome === 'rolledBack');
  expect(await describedRules(11, 12)).toEqual(exactly);
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
    service: {
      ...found,
      deploymentConfiguration: { deploymentCircuitBreaker: { enable: true, rollback: true } },
      tags: expect.arrayContaining([{ key: 'Team', value: 'shop' }]),
    },
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
