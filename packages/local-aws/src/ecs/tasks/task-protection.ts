/**
 * Task scale-in protection: the scheduler stops a protected task neither for a deployment nor for scaling in. StopTask and
 * failed health checks still stop it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html
 */
import type {
  GetTaskProtectionRequest,
  GetTaskProtectionResponse,
  ProtectedTask,
  UpdateTaskProtectionRequest,
  UpdateTaskProtectionResponse,
} from '@aws-sdk/client-ecs';
import type { Given } from '../../operations';
import { fail } from '../../protocol/errors';
import { clusterOf, findTask, scaled, type Ecs } from '../ecs';
import type { Task } from '../state';

const longestMinutes = 2880;
const defaultMinutes = 120;

/** Whether the scheduler must not stop a task now. */
export function isProtected(ecs: Ecs, task: Task): boolean {
  return (task.protectedUntil ?? 0) > ecs.now();
}

/** Only a service's running tasks can be protected; the others are listed as failures. */
export function updateTaskProtection(
  ecs: Ecs,
  input: Given<UpdateTaskProtectionRequest>,
): UpdateTaskProtectionResponse {
  const { expiresInMinutes: minutes = defaultMinutes } = input;
  if (!Number.isInteger(minutes) || minutes < 1 || minutes > longestMinutes) {
    fail('InvalidParameterException', `expiresInMinutes must be between 1 and ${longestMinutes}.`);
  }
  if (input.tasks.length === 0 || input.tasks.length > 10) {
    fail('InvalidParameterException', 'Between 1 and 10 tasks must be specified.');
  }
  const { tasks, failures } = findAll(ecs, input);
  for (const task of tasks) {
    if (input.protectionEnabled) task.protectedUntil = ecs.now() + scaled(ecs, minutes * 60_000);
    else delete task.protectedUntil;
  }
  ecs.wake();
  return { protectedTasks: tasks.map((task) => describeProtection(ecs, task)), failures };
}

/** The protection of the named tasks, or of all tasks of the cluster's services when none are named. */
export function getTaskProtection(ecs: Ecs, input: Given<GetTaskProtectionRequest>): GetTaskProtectionResponse {
  const cluster = clusterOf(ecs, input.cluster);
  const all = Object.values(ecs.state.tasks)
    .filter((task) => task.clusterArn === cluster.arn && canBeProtected(task))
    .map(({ arn }) => arn);
  const { tasks, failures } = findAll(ecs, { cluster: input.cluster, tasks: input.tasks ?? all });
  return { protectedTasks: tasks.map((task) => describeProtection(ecs, task)), failures };
}

function findAll(
  ecs: Ecs,
  input: { readonly cluster: string; readonly tasks: readonly string[] },
): { tasks: Task[]; failures: { arn: string; reason: string }[] } {
  const cluster = clusterOf(ecs, input.cluster);
  const found = input.tasks.map((arn) => ({ arn, task: findTask(ecs, cluster, arn) }));
  const tasks = found.flatMap(({ task }) => (task !== undefined && canBeProtected(task) ? [task] : []));
  const failures = found
    .filter(({ task }) => task === undefined || !canBeProtected(task))
    .map(({ arn, task }) => ({ arn: task?.arn ?? arn, reason: task === undefined ? 'MISSING' : 'TASK_NOT_VALID' }));
  return { tasks, failures };
}

function canBeProtected(task: Task): boolean {
  return task.serviceArn !== undefined && task.desiredStatus === 'RUNNING';
}

function describeProtection(ecs: Ecs, task: Task): ProtectedTask {
  const { arn: taskArn, protectedUntil } = task;
  return isProtected(ecs, task) && protectedUntil !== undefined
    ? { taskArn, protectionEnabled: true, expirationDate: new Date(protectedUntil) }
    : { taskArn, protectionEnabled: false };
}
