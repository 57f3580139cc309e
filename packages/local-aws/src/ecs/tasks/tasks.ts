/** The operations on tasks. */
import type {
  DescribeTasksRequest,
  DescribeTasksResponse,
  ListTasksRequest,
  ListTasksResponse,
  RunTaskRequest,
  RunTaskResponse,
  StopTaskRequest,
  StopTaskResponse,
} from '@aws-sdk/client-ecs';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { clusterOf, findTask, pageOf, runnableTaskDefinition, serviceArn, type Ecs } from '../ecs';
import { checkNetwork } from '../services/service-checks';
import { placeTask, roomIn } from './placement';
import { describeTask } from './task-description';
import { stopTask as wantStopped } from './task-lifecycle';

/**
 * Starts tasks. With the same client token, a second call returns the tasks of the first.
 * @throws {AwsError} with code `ConflictException` or `ClientException`
 */
export function runTask(ecs: Ecs, input: Given<RunTaskRequest>): RunTaskResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const { clientToken, ...request } = input;
  const tokenKey = `${cluster.arn} ${clientToken}`;
  const known = clientToken === undefined ? undefined : ecs.state.clientTokens[tokenKey];
  if (known !== undefined) {
    if (known.request !== JSON.stringify(request))
      fail('ConflictException', 'The client token was used with other parameters.');
    return describeTasks(ecs, { cluster: cluster.arn, tasks: [...known.taskArns] });
  }
  const count = input.count ?? 1;
  if (count < 1 || count > 10) fail('InvalidParameterException', 'Count must be between 1 and 10.');
  const definition = runnableTaskDefinition(ecs, input.taskDefinition);
  checkNetwork(input.networkConfiguration, definition);
  const room = Math.min(count, roomIn(ecs, cluster));
  const settings = {
    group: input.group ?? `family:${definition.family}`,
    launchType: input.launchType ?? 'EC2',
    loadBalancers: [],
    overrides: input.overrides,
    networkConfiguration: input.networkConfiguration,
    tags: input.tags ?? [],
    ...(input.startedBy === undefined ? {} : { startedBy: input.startedBy }),
  };
  const placed = Array.from({ length: room }, () => placeTask(ecs, cluster, { definition, settings }));
  const tasks = placed.filter((task) => task !== undefined);
  if (clientToken !== undefined) {
    ecs.state.clientTokens[tokenKey] = { request: JSON.stringify(request), taskArns: tasks.map(({ arn }) => arn) };
  }
  ecs.wake();
  const failures = Array.from({ length: count - tasks.length }, () => ({
    arn: cluster.arn,
    reason: 'RESOURCE:MEMORY',
  }));
  return { tasks: tasks.map((task) => describeTask(ecs, task)), failures };
}

/** Stops a task without waiting for its targets: requests to it are lost, as on AWS. */
export function stopTask(ecs: Ecs, input: Given<StopTaskRequest>): StopTaskResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const task =
    findTask(ecs, cluster, input.task) ?? fail('InvalidParameterException', 'The referenced task was not found.');
  if (task.lastStatus !== 'STOPPED') {
    wantStopped(ecs, task, { stopCode: 'UserInitiated', stoppedReason: input.reason ?? 'Task stopped by user' }, true);
    task.stoppingAt ??= ecs.now();
    ecs.wake();
  }
  return { task: describeTask(ecs, task) };
}

export function describeTasks(ecs: Ecs, input: Given<DescribeTasksRequest>): DescribeTasksResponse {
  const cluster = clusterOf(ecs, input.cluster);
  if (input.tasks.length === 0) fail('InvalidParameterException', 'Tasks cannot be empty.');
  if (input.tasks.length > 100) fail('InvalidParameterException', 'Cannot describe more than 100 tasks at once.');
  const found = input.tasks.map((task) => findTask(ecs, cluster, task)).filter((task) => task !== undefined);
  const missing = input.tasks.filter((task) => findTask(ecs, cluster, task) === undefined);
  const withTags = input.include?.includes('TAGS') ?? false;
  return {
    tasks: found.map((task) => describeTask(ecs, task, withTags)),
    failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
  };
}

/** Lists the tasks that should run, or the stopped ones when these are asked for. */
export function listTasks(ecs: Ecs, input: ListTasksRequest): ListTasksResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const service = input.serviceName === undefined ? undefined : serviceArn(ecs, cluster, input.serviceName);
  if (service !== undefined && ecs.state.services[service] === undefined) {
    fail('ServiceNotFoundException', 'Service not found.');
  }
  const listed = Object.values(ecs.state.tasks)
    .filter(({ clusterArn }) => clusterArn === cluster.arn)
    .filter(({ desiredStatus }) => desiredStatus === (input.desiredStatus ?? 'RUNNING'))
    .filter((task) => service === undefined || task.serviceArn === service)
    .filter(({ startedBy }) => input.startedBy === undefined || startedBy === input.startedBy)
    // There are no container instances and no daemons, so no task belongs to one.

    .filter(() => (input.containerInstance ?? input.daemonName) === undefined)
    .filter(({ launchType }) => input.launchType === undefined || launchType === input.launchType)
    .filter(({ taskDefinitionArn: arn }) => input.family === undefined || arn.includes(`/${input.family}:`));
  const { items, ...next } = pageOf(listed, input);
  return { taskArns: items.map(({ arn }) => arn), ...next };
}
