/**
 * What each operation of ECS needs.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
import type { Tag } from '@aws-sdk/client-ecs';
import { clusterArn, findTaskDefinition, type Ecs } from '../../ecs/ecs';
import { arnOf } from '../../scope';
import type { Context } from '../conditions';
import type { Authorization } from '../policies';
import { requestTags, resourceTags, tagKeys } from './context';

/** The members of inputs that name a resource or decide what is needed; each operation has some of them. */
interface Input {
  readonly cluster?: string;
  readonly clusterName?: string;
  readonly clusters?: readonly string[];
  readonly service?: string;
  readonly serviceName?: string;
  readonly services?: readonly string[];
  readonly task?: string;
  readonly tasks?: readonly string[];
  readonly containerInstance?: string;
  readonly containerInstances?: readonly string[];
  readonly capacityProviders?: readonly string[];
  readonly serviceDeploymentArn?: string;
  readonly serviceDeploymentArns?: readonly string[];
  readonly serviceRevisionArns?: readonly string[];
  readonly resourceArn?: string;
  readonly family?: string;
  readonly taskDefinition?: string;
  readonly tags?: readonly Tag[];
  readonly tagKeys?: readonly string[];
  readonly role?: string;
  readonly taskRoleArn?: string;
  readonly executionRoleArn?: string;
  readonly overrides?: { readonly taskRoleArn?: string; readonly executionRoleArn?: string };
  readonly enableExecuteCommand?: boolean;
  readonly volumeConfigurations?: readonly { readonly managedEBSVolume?: { readonly roleArn?: string } }[];
}

type EcsPart = Pick<Ecs, 'state' | 'scope'>;

export function ecsAuthorizations(ecs: EcsPart, operation: string, given: unknown): Authorization[] {
  const input = given as Input;
  const action = `ecs:${operation}`;
  const own = resourcesOf(ecs, operation, input).map((resource) => ({
    action,
    resource,
    context: { ...contextOf(ecs, operation, resource, input), ...requestContext(operation, input) },
  }));
  return [...own, ...tagging(ecs, operation, input), ...passing(ecs, operation, input)];
}

const ofCluster = new Set([
  'DeleteCluster',
  'UpdateCluster',
  'UpdateClusterSettings',
  'PutClusterCapacityProviders',
  'ListContainerInstances',
]);
const ofTask = new Set(['StopTask', 'DescribeTasks', 'GetTaskProtection', 'UpdateTaskProtection']);
const ofService = new Set(['UpdateService', 'DeleteService', 'DescribeServices', 'ListServiceDeployments']);

function resourcesOf(ecs: EcsPart, operation: string, input: Input): string[] {
  const inCluster = (kind: string) => (id: string) => arnIn(ecs, kind, id, input.cluster);
  if (operation === 'CreateCluster') return [clusterArn(ecs, input.clusterName)];
  if (operation === 'CreateService') return [inCluster('service')(input.serviceName ?? '')];
  if (operation === 'DescribeClusters') return (input.clusters ?? ['default']).map((name) => clusterArn(ecs, name));
  if (ofCluster.has(operation)) return [clusterArn(ecs, input.cluster)];
  if (ofService.has(operation)) return listed(input.services ?? input.service).map(inCluster('service'));
  if (ofTask.has(operation)) return listed(input.tasks ?? input.task ?? '*').map(inCluster('task'));
  if (operation === 'ListTasks') return [inCluster('container-instance')(input.containerInstance ?? '*')];
  if (operation === 'DescribeContainerInstances')
    return listed(input.containerInstances).map(inCluster('container-instance'));
  if (operation === 'DescribeCapacityProviders')
    return (input.capacityProviders ?? ['*']).map((name) =>
      name.startsWith('arn:') ? name : arnOf(ecs.scope, 'ecs', `capacity-provider/${name}`),
    );
  if (operation === 'RegisterTaskDefinition')
    return [arnOf(ecs.scope, 'ecs', `task-definition/${input.family ?? ''}:*`)];
  if (operation === 'RunTask') return [definitionArn(ecs, input.taskDefinition)];
  const named = [input.serviceDeploymentArns, input.serviceRevisionArns, input.serviceDeploymentArn, input.resourceArn];
  const arns = named.flatMap((name) => listed(name));
  return arns.length > 0 ? arns : ['*'];
}

const listed = (value: string | readonly string[] | undefined): readonly string[] =>
  value === undefined ? [] : [value].flat();

/** @param id the ARN, or what follows the cluster in it */
function arnIn(ecs: EcsPart, kind: string, id: string, cluster: string | undefined): string {
  if (id.startsWith('arn:')) return id;
  return arnOf(ecs.scope, 'ecs', `${kind}/${clusterArn(ecs, cluster).replace(/^.*:cluster\//, '')}/${id}`);
}

/** What is not there yet is asked for by the name that the call gives. */
function definitionArn(ecs: EcsPart, name = ''): string {
  if (name.startsWith('arn:')) return name;
  return (
    findTaskDefinition(ecs, name)?.arn ??
    arnOf(ecs.scope, 'ecs', `task-definition/${name.includes(':') ? name : `${name}:*`}`)
  );
}

/** `ecs:cluster` where AWS knows one, and the tags of the resource. */
function contextOf(ecs: EcsPart, operation: string, resource: string, input: Input): Context {
  const [, within] =
    /:(?:service|task|container-instance|service-deployment|service-revision)\/([^/]+)\//.exec(resource) ?? [];
  const named = ['ListServices', 'RunTask'].includes(operation) ? clusterArn(ecs, input.cluster) : undefined;
  const cluster = within === undefined ? named : arnOf(ecs.scope, 'ecs', `cluster/${within}`);
  return {
    // The operations of tags know the resource alone.
    ...(cluster !== undefined && !/tag/i.test(operation) && { 'ecs:cluster': [cluster] }),
    ...resourceTags(ecs.state.tags[resource], 'ecs'),
  };
}

function requestContext(operation: string, input: Input): Context {
  return {
    ...requestTags(input.tags as never),
    ...tagKeys(input.tagKeys),
    ...(operation === 'CreateService' &&
      input.taskDefinition !== undefined && { 'ecs:task-definition': [input.taskDefinition] }),
    ...(input.enableExecuteCommand !== undefined && {
      'ecs:enable-execute-command': [String(input.enableExecuteCommand)],
    }),
  };
}

/** Tags at a creation need `ecs:TagResource` beside. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/supported-iam-actions-tagging.html */
function tagging(ecs: EcsPart, operation: string, input: Input): Authorization[] {
  if (!/^(Create|Register|Run)/.test(operation) || !input.tags?.length) return [];
  const resource =
    operation === 'RunTask' ? arnIn(ecs, 'task', '*', input.cluster) : (resourcesOf(ecs, operation, input)[0] ?? '*');
  const context = { ...requestTags(input.tags as never), 'ecs:createaction': [operation] };
  return [{ action: 'ecs:TagResource', resource, context }];
}

/** Roles are passed: to tasks at a registration and at a start, to ECS itself for a load balancer or a volume. */
function passing(ecs: EcsPart, operation: string, input: Input): Authorization[] {
  if (!['RegisterTaskDefinition', 'CreateService', 'UpdateService', 'RunTask'].includes(operation)) return [];
  const definition = input.taskDefinition === undefined ? undefined : findTaskDefinition(ecs, input.taskDefinition);
  const toTasks = [input, definition?.settings, input.overrides].flatMap((from) => [
    from?.taskRoleArn,
    from?.executionRoleArn,
  ]);
  const toEcs = [
    input.role,
    ...(input.volumeConfigurations ?? []).map(({ managedEBSVolume }) => managedEBSVolume?.roleArn),
  ];
  return [...passRole(toTasks, 'ecs-tasks.amazonaws.com'), ...passRole(toEcs, 'ecs.amazonaws.com')];
}

function passRole(roles: readonly (string | undefined)[], service: string): Authorization[] {
  const given = new Set(roles.filter((role) => role !== undefined && role !== ''));
  return [...given].map((role = '') => ({
    action: 'iam:PassRole',
    resource: role.startsWith('arn:') ? role : arnOf({ region: '' }, 'iam', `role/${role}`),
    context: { 'iam:passedtoservice': [service] },
  }));
}
