/**
 * Which of the permissions that deployments need are missing. Every call is tried for real in a way that can't take effect:
 * reads as they are, writes on things that don't exist or with values that are refused. Only "access denied" counts as missing:
 * any other error came from behind the door. AWS may refuse a value before it looks at permissions, so that a pass is a strong
 * hint, and a denial is certain.
 */
import { BatchGetImageCommand } from '@aws-sdk/client-ecr';
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  DescribeTaskDefinitionCommand,
  DescribeTasksCommand,
  ListTasksCommand,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
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
  ModifyTargetGroupAttributesCommand,
  ModifyTargetGroupCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { ApplicationFailure } from '@temporalio/common';
import { finding, type Finding } from '../../planning/findings';
import type { ZoneSettings } from '../../settings/schema';
import type { AwsClients } from './clients';

/** A name that nothing has. */
const nothing = 'cutover-doctor-asks';

/** One finding for each permission that is missing, or one that says how many there are. */
export async function examinePermissions(clients: AwsClients, zone: ZoneSettings): Promise<Finding[]> {
  const calls = callsOf(clients, zone);
  const denied: Finding[] = [];
  // One at a time: a dozen calls at once would be throttled where the account is busy.
  for (const [permission, call] of Object.entries(calls)) {
    const failure = await call().then(
      () => undefined,
      (error: unknown) => error,
    );
    if (failure instanceof ApplicationFailure && failure.type === 'AccessDenied')
      denied.push(finding('permissions', 'error', failure.message, `Allow ${permission} in the worker's role.`));
  }
  if (denied.length > 0) return denied;
  return [finding('permissions', 'ok', `none of ${Object.keys(calls).length} is denied`)];
}

type Calls = Readonly<Record<string, () => Promise<unknown>>>;

const callsOf = (clients: AwsClients, zone: ZoneSettings): Calls => ({
  ...readCalls(clients, zone),
  ...listenerCalls(clients, zone),
  ...writeCalls(clients, zone),
});

function readCalls({ ecs, ecr, logs }: AwsClients, { cluster, registry, container }: ZoneSettings): Calls {
  const registryId = /^\d{12}/.exec(registry ?? '')?.[0];
  const { logGroup } = container;
  return {
    'ecs:DescribeServices': () => ecs.send(new DescribeServicesCommand({ cluster, services: [nothing] })),
    'ecs:ListTasks': () => ecs.send(new ListTasksCommand({ cluster })),
    'ecs:DescribeTasks': () => ecs.send(new DescribeTasksCommand({ cluster, tasks: ['0'.repeat(32)] })),
    'ecs:DescribeTaskDefinition': () => ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: nothing })),
    ...(registryId !== undefined && {
      'ecr:BatchGetImage': () =>
        ecr.send(new BatchGetImageCommand({ registryId, repositoryName: nothing, imageIds: [{ imageTag: nothing }] })),
    }),
    ...(logGroup !== undefined && {
      'logs:GetLogEvents': () =>
        logs.send(new GetLogEventsCommand({ logGroupName: logGroup, logStreamName: nothing, limit: 1 })),
    }),
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
    'ecs:UpdateService': () => ecs.send(new UpdateServiceCommand({ cluster, service: nothing, desiredCount: 0 })),
    'elasticloadbalancing:CreateRule': () =>
      elb.send(new CreateRuleCommand({ ListenerArn: listener, Priority: 50_000, Actions, Conditions })),
    'elasticloadbalancing:ModifyRule': () => elb.send(new ModifyRuleCommand({ RuleArn: rule, Actions })),
    'elasticloadbalancing:DeleteRule': () => elb.send(new DeleteRuleCommand({ RuleArn: rule })),
    // An underscore is no letter of a target group's name.
    'elasticloadbalancing:CreateTargetGroup': () => elb.send(new CreateTargetGroupCommand({ Name: 'cutover_doctor' })),
    'elasticloadbalancing:ModifyTargetGroup': () =>
      elb.send(new ModifyTargetGroupCommand({ TargetGroupArn: group, HealthyThresholdCount: 2 })),
    'elasticloadbalancing:ModifyTargetGroupAttributes': () =>
      elb.send(
        new ModifyTargetGroupAttributesCommand({
          TargetGroupArn: group,
          Attributes: [{ Key: 'slow_start.duration_seconds', Value: '0' }],
        }),
      ),
  };
}

/** Of the same load balancer’s place as the listener. */
export const absentTargetGroup = (listener: string) =>
  listener.replace(/:listener\/.*$/, `:targetgroup/${nothing}/${'0'.repeat(16)}`);
