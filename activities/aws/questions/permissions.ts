/**
 * Which of the permissions that deployments need are missing. Every call is tried for real in a way that can't take effect:
 * reads as they are, writes on things that don't exist or with values that are refused. Only "access denied" counts as missing:
 * any other error came from behind the door. AWS may refuse a value before it looks at permissions, so that a pass is a strong
 * hint, and a denial is certain.
 */
import {
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  DescribeScheduledActionsCommand,
  PutScalingPolicyCommand,
  PutScheduledActionCommand,
  RegisterScalableTargetCommand,
  TagResourceCommand as TagScalingCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand, GetMetricDataCommand, PutMetricAlarmCommand } from '@aws-sdk/client-cloudwatch';
import { BatchGetImageCommand, GetDownloadUrlForLayerCommand } from '@aws-sdk/client-ecr';
import {
  CreateServiceCommand,
  DeleteServiceCommand,
  DescribeClustersCommand,
  DescribeContainerInstancesCommand,
  DescribeServiceRevisionsCommand,
  DescribeServicesCommand,
  GetTaskProtectionCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListServicesCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  AddTagsCommand,
  CreateRuleCommand,
  CreateTargetGroupCommand,
  DeleteRuleCommand,
  DescribeAccountLimitsCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeRulesCommand,
  DescribeTagsCommand,
  DescribeTargetGroupAttributesCommand,
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ModifyRuleCommand,
  RemoveTagsCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ApplicationFailure } from '@temporalio/common';
import { finding, type Finding } from '../../../planning/doctor';
import { tagKeys } from '../../../planning/names';
import type { ZoneSettings } from '../../../settings/schema';
import type { AwsClients } from '../client/clients';
import { describeAddresses } from '../ec2/instances';
import { describeZones } from '../ec2/subnets';
import { scalableTarget } from '../scaling/scaling';

/** A name that nothing has. */
const nothing = 'cutover-doctor-asks';

const ofOwnGroups = "allowed for the zone's own target groups alone, and asking for one of them would change it";

/** What only shows when something is made, and why nothing that takes no effect can ask for it. */
export const notAskedFor: Readonly<Record<string, string>> = {
  'iam:PassRole': 'AWS looks at it only once a task definition with roles is valid, and registers that',
  'elasticloadbalancing:DeleteTargetGroup': ofOwnGroups,
  'elasticloadbalancing:ModifyTargetGroup': ofOwnGroups,
  'elasticloadbalancing:ModifyTargetGroupAttributes': ofOwnGroups,
};

/** One finding for each permission that is missing, or one that says how many there are; and what could not be asked for. */
export async function findMissingPermissions(clients: AwsClients, zone: ZoneSettings): Promise<Finding[]> {
  const calls = permissionCalls(clients, zone);
  const denied: Finding[] = [];
  // One at a time: a dozen calls at once would be throttled where the account is busy.
  for (const [permission, call] of Object.entries(calls)) {
    const failure = await call().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof ApplicationFailure && failure.type === 'AccessDenied')
      denied.push(
        finding({
          check: 'permissions',
          state: 'error',
          says: failure.message,
          next: `Allow ${permission} in the worker's role.`,
        }),
      );
  }
  const reasons = [...new Set(Object.values(notAskedFor))];
  const unknown = reasons.map((why) => {
    const permissions = Object.keys(notAskedFor).filter((permission) => notAskedFor[permission] === why);
    return `${permissions.join(', ')} (${why})`;
  });
  const rest = `not asked for: ${unknown.join('; ')}`;
  if (denied.length > 0) return [...denied, finding({ check: 'permissions', state: 'ok', says: rest })];
  const says = `none of ${Object.keys(calls).length} is denied; ${rest}`;
  return [finding({ check: 'permissions', state: 'ok', says })];
}

type Calls = Readonly<Record<string, () => Promise<unknown>>>;

/** By permission, as IAM spells it. Whoever has credentials may ask who he is, so that is no part of it. */
export const permissionCalls = (clients: AwsClients, zone: ZoneSettings): Calls => ({
  ...readCalls(clients, zone),
  ...listenerCalls(clients, zone),
  ...writeCalls(clients, zone),
  ...scalingCalls(clients, zone),
});

function readCalls(
  { ec2, ecs, ecr, logs, metrics }: AwsClients,
  { cluster, registry, container, listener }: ZoneSettings,
): Calls {
  const registryId = /^\d{12}/.exec(registry ?? '')?.[0];
  const { logGroup } = container;
  return {
    'ec2:DescribeInstances': () => describeAddresses(ec2, [`i-${'0'.repeat(17)}`]),
    'ec2:DescribeSubnets': () => describeZones(ec2, []),
    'ecs:DescribeClusters': () => ecs.send(new DescribeClustersCommand({ clusters: [cluster] })),
    'ecs:DescribeServices': () => ecs.send(new DescribeServicesCommand({ cluster, services: [nothing] })),
    'ecs:DescribeServiceRevisions': () =>
      ecs.send(new DescribeServiceRevisionsCommand({ serviceRevisionArns: [absentRevision(listener, cluster)] })),
    'ecs:ListTasks': () => ecs.send(new ListTasksCommand({ cluster })),
    'ecs:DescribeTasks': () => ecs.send(new DescribeTasksCommand({ cluster, tasks: ['0'.repeat(32)] })),
    'ecs:GetTaskProtection': () => ecs.send(new GetTaskProtectionCommand({ cluster, tasks: ['0'.repeat(32)] })),
    'ecs:DescribeContainerInstances': () =>
      ecs.send(new DescribeContainerInstancesCommand({ cluster, containerInstances: ['0'.repeat(32)] })),
    'ecs:DescribeTaskDefinition': () => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: nothing })),
    'ecs:ListServices': () => ecs.send(new ListServicesCommand({ cluster, maxResults: 1 })),
    'cloudwatch:GetMetricData': () =>
      metrics.send(
        new GetMetricDataCommand({ StartTime: new Date(0), EndTime: new Date(60_000), MetricDataQueries: [] }),
      ),
    'ecs:ListTaskDefinitions': () => ecs.send(new ListTaskDefinitionsCommand({ familyPrefix: nothing })),
    ...(registryId !== undefined && {
      'ecr:BatchGetImage': () =>
        ecr.send(new BatchGetImageCommand({ registryId, repositoryName: nothing, imageIds: [{ imageTag: nothing }] })),
      'ecr:GetDownloadUrlForLayer': () =>
        ecr.send(
          new GetDownloadUrlForLayerCommand({
            registryId,
            repositoryName: nothing,
            layerDigest: `sha256:${'0'.repeat(64)}`,
          }),
        ),
    }),
    ...(logGroup !== undefined && {
      'logs:GetLogEvents': () =>
        logs.send(new GetLogEventsCommand({ logGroupName: logGroup, logStreamName: nothing, limit: 1 })),
    }),
  };
}

/** Nothing is registered for a service that nothing has, and no minimum may be above the maximum. */
function scalingCalls({ scaling, metrics }: AwsClients, { cluster, region, listener }: ZoneSettings): Calls {
  const every = { ServiceNamespace: 'ecs', MaxResults: 1 } as const;
  const target = scalableTarget(cluster, nothing);
  const [, partition = ''] = listener.split(':');
  const account = listener.split(':')[4] ?? '';
  const policyArn = `arn:${partition}:autoscaling:${region}:${account}:scalingPolicy:${nothing}:resource/ecs/${target.ResourceId}:policyName/${nothing}`;
  return {
    'cloudwatch:DescribeAlarms': () => metrics.send(new DescribeAlarmsCommand({ MaxRecords: 1 })),
    // Without a metric it is refused.
    'cloudwatch:PutMetricAlarm': () =>
      metrics.send(
        new PutMetricAlarmCommand({
          AlarmName: nothing,
          AlarmActions: [policyArn],
          EvaluationPeriods: 1,
          ComparisonOperator: 'GreaterThanThreshold',
        }),
      ),
    'application-autoscaling:DescribeScalableTargets': () => scaling.send(new DescribeScalableTargetsCommand(every)),
    'application-autoscaling:DescribeScalingPolicies': () => scaling.send(new DescribeScalingPoliciesCommand(every)),
    'application-autoscaling:DescribeScheduledActions': () => scaling.send(new DescribeScheduledActionsCommand(every)),
    'application-autoscaling:RegisterScalableTarget': () =>
      scaling.send(new RegisterScalableTargetCommand({ ...target, MinCapacity: 1, MaxCapacity: 0 })),
    'application-autoscaling:TagResource': () =>
      scaling.send(new TagScalingCommand({ ResourceARN: absentScalableTarget(listener), Tags: { [nothing]: '' } })),
    'application-autoscaling:DeregisterScalableTarget': () => scaling.send(new DeregisterScalableTargetCommand(target)),
    'application-autoscaling:PutScalingPolicy': () =>
      scaling.send(new PutScalingPolicyCommand({ ...target, PolicyName: nothing })),
    'application-autoscaling:PutScheduledAction': () =>
      scaling.send(new PutScheduledActionCommand({ ...target, ScheduledActionName: nothing })),
  };
}

function listenerCalls({ elb }: AwsClients, { listener }: ZoneSettings): Calls {
  const group = absentTargetGroup(listener);
  return {
    'elasticloadbalancing:DescribeListeners': () =>
      elb.send(new DescribeListenersCommand({ ListenerArns: [listener] })),
    'elasticloadbalancing:DescribeLoadBalancers': () => elb.send(new DescribeLoadBalancersCommand({ PageSize: 1 })),
    'elasticloadbalancing:DescribeRules': () => elb.send(new DescribeRulesCommand({ ListenerArn: listener })),
    'elasticloadbalancing:DescribeTags': () => elb.send(new DescribeTagsCommand({ ResourceArns: [listener] })),
    'elasticloadbalancing:DescribeTargetGroups': () => elb.send(new DescribeTargetGroupsCommand({ PageSize: 1 })),
    'elasticloadbalancing:DescribeTargetGroupAttributes': () =>
      elb.send(new DescribeTargetGroupAttributesCommand({ TargetGroupArn: group })),
    'elasticloadbalancing:DescribeTargetHealth': () =>
      elb.send(new DescribeTargetHealthCommand({ TargetGroupArn: group })),
    'elasticloadbalancing:DescribeAccountLimits': () => elb.send(new DescribeAccountLimitsCommand({ PageSize: 1 })),
  };
}

function writeCalls({ ecs, elb }: AwsClients, { cluster, listener }: ZoneSettings): Calls {
  const group = absentTargetGroup(listener);
  const rule = `${listener.replace(':listener/', ':listener-rule/')}/${'0'.repeat(16)}`;
  const Actions = [{ Type: 'forward' as const, TargetGroupArn: group }];
  const Conditions = [{ Field: 'path-pattern', Values: [`/${nothing}`] }];
  return {
    'ecs:RegisterTaskDefinition': () =>
      ecs.send(new RegisterTaskDefinitionCommand({ family: nothing, containerDefinitions: [] })),
    'ecs:CreateService': () =>
      ecs.send(new CreateServiceCommand({ cluster, serviceName: nothing, taskDefinition: nothing, desiredCount: 0 })),
    'ecs:DeleteService': () => ecs.send(new DeleteServiceCommand({ cluster, service: nothing })),
    'ecs:TagResource': () =>
      ecs.send(new TagResourceCommand({ resourceArn: absentTaskDefinition(listener), tags: [{ key: nothing }] })),
    'ecs:UntagResource': () =>
      ecs.send(new UntagResourceCommand({ resourceArn: absentService(listener, cluster), tagKeys: [nothing] })),
    'ecs:UpdateService': () => ecs.send(new UpdateServiceCommand({ cluster, service: nothing, desiredCount: 0 })),
    'elasticloadbalancing:CreateRule': () =>
      elb.send(new CreateRuleCommand({ ListenerArn: listener, Priority: 50_000, Actions, Conditions })),
    'elasticloadbalancing:ModifyRule': () => elb.send(new ModifyRuleCommand({ RuleArn: rule, Actions })),
    'elasticloadbalancing:DeleteRule': () => elb.send(new DeleteRuleCommand({ RuleArn: rule })),
    'elasticloadbalancing:AddTags': () =>
      elb.send(new AddTagsCommand({ ResourceArns: [rule], Tags: [{ Key: nothing, Value: '' }] })),
    'elasticloadbalancing:RemoveTags': () =>
      elb.send(new RemoveTagsCommand({ ResourceArns: [rule], TagKeys: [nothing] })),
    // An underscore is no letter of a target group's name. The policy asks for the zone's tag.
    'elasticloadbalancing:CreateTargetGroup': () =>
      elb.send(new CreateTargetGroupCommand({ Name: 'cutover_doctor', Tags: [{ Key: tagKeys.zone, Value: nothing }] })),
  };
}

const absentTaskDefinition = (listener: string) =>
  listener.replace(':elasticloadbalancing:', ':ecs:').replace(/:listener\/.*$/, `:task-definition/${nothing}:1`);

const absentScalableTarget = (listener: string) =>
  listener
    .replace(':elasticloadbalancing:', ':application-autoscaling:')
    .replace(/:listener\/.*$/, `:scalable-target/${'0'.repeat(36)}`);

const absentService = (listener: string, cluster: string) =>
  absentTaskDefinition(listener).replace(/:task-definition\/.*$/, `:service/${cluster.split('/').at(-1)}/${nothing}`);

const absentRevision = (listener: string, cluster: string) =>
  `${absentService(listener, cluster).replace(':service/', ':service-revision/')}/${'0'.repeat(19)}`;

/** The ARN of a target group that nobody has, in the listener's account and region. */
export const absentTargetGroup = (listener: string) =>
  listener.replace(/:listener\/.*$/, `:targetgroup/${nothing}/${'0'.repeat(16)}`);
