/** A service of the application that another tool made: a target group, two tasks, and a rule with a wildcard for each module. */
import { CreateServiceCommand, ECSClient, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
  ModifyTargetGroupAttributesCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadSettings } from '../../../../settings/load';
import { container, platformServer } from '../runbooks';
import type { Lane } from './lane';

/** A call takes as long as it takes, where cutover's own clients give a write up after some seconds: many are at work here. */
function plainAws({ stack }: Lane['living']): {
  readonly ecs: ECSClient;
  readonly elb: ElasticLoadBalancingV2Client;
} {
  const { region, endpoint, accessKeyId, secretAccessKey } = stack().aws;
  const place = { region, endpoint, credentials: { accessKeyId, secretAccessKey }, maxAttempts: 1 };
  return { ecs: new ECSClient(place), elb: new ElasticLoadBalancingV2Client(place) };
}

/** Nothing, where it is there already. */
export async function deployByOthers(lane: Lane): Promise<void> {
  if (lane.servedByOthers) return;
  const { application, living } = lane;
  const { application: name, zone: zoneName } = application.target;
  const zone = loadSettings(living.stack().settings).zones[zoneName];
  if (!zone) throw new Error(`There is no zone ${zoneName}.`);
  const { ecs, elb } = plainAws(living);
  const version = '1.5';
  await application.traffic.expect(name, [platformServer, container(version)]);
  const port = zone.container.port;
  const { taskDefinition } = await ecs.send(
    new RegisterTaskDefinitionCommand({
      family: `${name}-legacy`,
      ...(zone.taskDefinition as object),
      networkMode: 'awsvpc',
      containerDefinitions: [
        {
          name: 'web',
          image: `${zone.registry}/${await application.image({ version })}`,
          portMappings: [{ containerPort: port }],
        },
      ],
    }),
  );
  const { TargetGroups: [group] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name: `${name}-legacy`,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: zone.targetGroup.vpc,
      HealthCheckPath: `/${name}/_ping.aspx`,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  );
  const targetGroupArn = group?.TargetGroupArn ?? '';
  const Value = String((zone.targetGroup.deregistrationDelay ?? 0) / 1000);
  await elb.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: targetGroupArn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value }],
    }),
  );
  const rule = async (Priority: number, path: string, more: readonly RuleCondition[] = []) => {
    const { Rules: [made] = [] } = await elb.send(
      new CreateRuleCommand({
        ListenerArn: zone.listener,
        Priority,
        Conditions: [{ Field: 'path-pattern', Values: [path] }, ...more],
        Actions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
      }),
    );
    return made?.RuleArn;
  };
  // ECS wants the group in a rule before it makes the service: nobody sends this header.
  const priority = zone.priorities.from - 50;
  const never = { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'x-nobody', Values: ['nobody'] } };
  const RuleArn = await rule(priority, `/${name}API*`, [never]);
  await ecs.send(
    new CreateServiceCommand({
      cluster: zone.cluster,
      serviceName: `${name}-legacy`,
      taskDefinition: taskDefinition?.taskDefinitionArn,
      desiredCount: 2,
      launchType: 'EC2',
      loadBalancers: [{ targetGroupArn, containerName: 'web', containerPort: port }],
      networkConfiguration: { awsvpcConfiguration: { subnets: zone.network?.subnets } },
    }),
  );
  const healthy = async () => {
    const { TargetHealthDescriptions: all = [] } = await elb.send(
      new DescribeTargetHealthCommand({ TargetGroupArn: targetGroupArn }),
    );
    return all.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  };
  while ((await healthy()) < 2) await sleep(100);
  await rule(priority + 1, `/${name}API*`);
  await rule(priority + 2, `/${name}*`);
  await elb.send(new DeleteRuleCommand({ RuleArn }));
  await sleep(lane.propagationMs);
  await application.traffic.expect(name, [container(version)]);
  await living.moreTraffic(application, 20);
  lane.servedByOthers = true;
  lane.serving = container(version);
}
