/** A service that another tool made behind both load balancers, with all that a twin of it has to have, and what AWS says of it. */
import {
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { CreateServiceCommand, DescribeServicesCommand, RegisterTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import {
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  type RuleCondition,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import type { AwsClients } from '../../../activities/aws/client/clients';
import { describeRules } from '../../../activities/aws/elb/listener-rules';
import { scalableTarget } from '../../../activities/aws/scaling/scaling';
import { stackRole } from '../../../local/stack/policies';
import type { ZoneSettings } from '../../../settings/schema';
import type { LiveApplication } from '../e2e/live-application';
import type { Guards } from '../e2e/public-load-balancer';
import type { OwnStack } from './own-stack';

const legacy = 'twofold-legacy';

/** What of it both slots have too. */
const carriedOf = (cluster: string) => ({
  platformVersion: '1.4.0',
  enableExecuteCommand: true,
  healthCheckGracePeriodSeconds: 45,
  serviceRegistries: [{ registryArn: 'arn:aws:servicediscovery:us-east-1:000000000000:service/srv-twofold' }],
  volumeConfigurations: [
    { name: 'scratch', managedEBSVolume: { roleArn: stackRole(cluster, 'volumes'), sizeInGiB: 1 } },
  ],
  tags: [{ key: 'Team', value: 'shop' }],
});

interface Asked {
  readonly application: LiveApplication;
  readonly zone: ZoneSettings;
  readonly guards: Guards;
}

/** The live listener and the test listener of the first load balancer, then the live listeners of the others. */
export const listenersOf = ({ listener, testListener, otherListeners = [] }: ZoneSettings): string[] =>
  [listener, ...otherListeners.map((other) => other.listener)].toSpliced(1, 0, testListener ?? '');

/** A service behind both, with a rule on each for everything that begins with the module's name, and scaled by what users outside ask. */
export async function deployByAnotherTool({ currentReads, stackAws }: OwnStack['living'], asked: Asked) {
  const { application, zone, guards } = asked;
  const { ecs, elb } = stackAws();
  const { cluster, container: place, network } = zone;
  const carried = carriedOf(cluster);
  const taskDefinition = await registerDefinition(ecs, asked);
  const conditions: RuleCondition[] = [
    { Field: 'source-ip', SourceIpConfig: { Values: [...guards.sourceIp] } },
    { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: guards.header, Values: [guards.value] } },
  ];
  const live = [zone, ...(zone.otherListeners ?? [])].map(({ listener }, at) => ({ listener, met: conditions[at] }));
  const groups = await Promise.all(
    live.map(async ({ listener, met }, at) => {
      const arn = await createGroup(elb, `${legacy}-${at}`, zone);
      const lead = async (path: string, Priority: number) => {
        const Conditions = [{ Field: 'path-pattern', Values: [path] }, ...(met ? [met] : [])];
        const Actions = [{ Type: 'forward' as const, TargetGroupArn: arn }];
        await elb.send(new CreateRuleCommand({ ListenerArn: listener, Priority, Conditions, Actions }));
      };
      await lead('/nobody-asks-for-this', 10);
      return { arn, lead };
    }),
  );
  await ecs.send(
    new CreateServiceCommand({
      cluster,
      serviceName: legacy,
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      loadBalancers: groups.map(({ arn }) => ({
        targetGroupArn: arn,
        containerName: 'web',
        containerPort: place.port,
      })),
      networkConfiguration: { awsvpcConfiguration: { subnets: network?.subnets } },
      ...carried,
    }),
  );
  for (const { arn, lead } of groups) {
    while (!(await isHealthy(elb, arn))) await currentReads();
    await lead(`/${application.target.application}*`, 11);
  }
  await scaleByRequests(stackAws(), cluster, groups.at(-1)?.arn ?? '');
  const describe = async (service: string) => {
    await currentReads();
    const asksFor = { cluster, services: [service], include: ['TAGS' as const] };
    return (await ecs.send(new DescribeServicesCommand(asksFor))).services?.[0];
  };
  return {
    service: legacy,
    carried,
    desiredCount: async () => (await describe(legacy))?.desiredCount,
    /** The same of a slot's service. */
    carriedTo: async (services: readonly string[], slot: 'a' | 'b') => {
      const found = await describe(services.find((one) => one.endsWith(`-${slot}`)) ?? '');
      const values = { ...found, volumeConfigurations: found?.deployments?.[0]?.volumeConfigurations };
      const tags = found?.tags?.filter(({ key = '' }) => !key.startsWith('cutover:'));
      return Object.fromEntries(
        Object.keys(carried).map((key) => [key, key === 'tags' ? tags : values[key as keyof typeof values]]),
      );
    },
  };
}

async function registerDefinition(ecs: AwsClients['ecs'], { application, zone }: Asked): Promise<string> {
  const { registry, taskDefinition, container: place } = zone;
  const image = `${registry}/${await application.image({ version: '1.5' })}`;
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
          image,
          portMappings: [{ containerPort: place.port }],
          mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }],
        },
      ],
    }),
  );
  return registered?.taskDefinitionArn ?? '';
}

async function createGroup(elb: AwsClients['elb'], Name: string, { targetGroup }: ZoneSettings): Promise<string> {
  const { TargetGroups: [made] = [] } = await elb.send(
    new CreateTargetGroupCommand({
      Name,
      Protocol: 'HTTP',
      Port: 80,
      TargetType: 'ip',
      VpcId: targetGroup.vpc,
      HealthCheckPath: '/Twofold/_ping.aspx',
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
    }),
  );
  return made?.TargetGroupArn ?? '';
}

async function isHealthy(elb: AwsClients['elb'], TargetGroupArn: string): Promise<boolean> {
  const { TargetHealthDescriptions = [] } = await elb.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
  return TargetHealthDescriptions.some(({ TargetHealth }) => TargetHealth?.State === 'healthy');
}

/** Target tracking of what comes through one of the load balancers. */
async function scaleByRequests({ scaling, elb }: AwsClients, cluster: string, group: string): Promise<void> {
  const { TargetGroups: [found] = [] } = await elb.send(new DescribeTargetGroupsCommand({ TargetGroupArns: [group] }));
  const [loadBalancer = ''] = found?.LoadBalancerArns ?? [];
  const target = scalableTarget(cluster, legacy);
  await scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 4 }));
  await scaling.send(
    new PutScalingPolicyCommand({
      ...target,
      PolicyName: 'requests from outside',
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: 100_000,
        DisableScaleIn: true,
        PredefinedMetricSpecification: {
          PredefinedMetricType: 'ALBRequestCountPerTarget',
          ResourceLabel: `${loadBalancer.split(':loadbalancer/').at(-1)}/${group.split(':').at(-1)}`,
        },
      },
    }),
  );
}

/** How AWS says a service is scaled: within which bounds, what is suspended, and what its policies count. */
export async function scalingOf({ scaling }: AwsClients, cluster: string, service: string) {
  const { ResourceId, ...dimension } = scalableTarget(cluster, service);
  const { ScalableTargets = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({ ...dimension, ResourceIds: [ResourceId] }),
  );
  const { ScalingPolicies = [] } = await scaling.send(new DescribeScalingPoliciesCommand({ ...dimension, ResourceId }));
  return {
    targets: ScalableTargets.map(({ MinCapacity, MaxCapacity, SuspendedState }) => ({
      MinCapacity,
      MaxCapacity,
      suspended: Object.values(SuspendedState ?? {}).some(Boolean),
    })),
    policies: ScalingPolicies.map(({ PolicyName, TargetTrackingScalingPolicyConfiguration: tracking }) => ({
      PolicyName,
      TargetValue: tracking?.TargetValue,
      ResourceLabel: tracking?.PredefinedMetricSpecification?.ResourceLabel,
    })),
  };
}

/** All rules of listeners, as plans have them. */
export const rulesOf = async ({ elb }: AwsClients, listeners: readonly string[]) =>
  await Promise.all(listeners.map((arn) => describeRules(elb, arn)));

/** All rules of listeners in AWS's own words, with their tags. */
export async function described({ elb }: AwsClients, listeners: readonly string[]) {
  return await Promise.all(
    listeners.map(async (ListenerArn) => {
      const { Rules = [] } = await elb.send(new DescribeRulesCommand({ ListenerArn }));
      const ResourceArns = Rules.map(({ RuleArn = '' }) => RuleArn);
      const { TagDescriptions } = await elb.send(new DescribeTagsCommand({ ResourceArns }));
      return { Rules, TagDescriptions };
    }),
  );
}
