/**
 * The targets of a service's tasks. On AWS a task in its own network has an address of its own and its container's port, and so it is
 * where an engine gives it one. Else all have the loopback address, and a target's port is the one on which the task really listens.
 */
import type { LoadBalancer } from '@aws-sdk/client-ecs';
import type { TargetHealth } from '@aws-sdk/client-elastic-load-balancing-v2';
import { deregisterTarget, healthOf, registerTarget, type TargetKey } from '../../elbv2/target-groups/targets';
import type { TargetGroup } from '../../elbv2/state';
import type { Ecs } from '../ecs';
import type { Task } from '../state';

/** The address of every task that has none of its own. */
export const taskAddress = '127.0.0.1';

/** The id by which targets name the one container instance, on which tasks outside of `awsvpc` run. */
const machineInstanceId = 'i-00000000000000000';

export interface TaskTarget extends TargetKey {
  readonly group: TargetGroup;
}

/** A task's targets in the target groups of its service, without groups that were deleted. */
function targetsOf({ elbv2, runner, state }: Ecs, task: Task): TaskTarget[] {
  const mode = state.taskDefinitions[task.taskDefinitionArn]?.settings.networkMode;
  // It ended before it had one.
  if (task.address === undefined && runner.hasAddresses(mode)) return [];
  return task.loadBalancers.flatMap((entry) => {
    const group = elbv2.state.targetGroups[entry.targetGroupArn ?? ''];
    const port = hostPortOf(task, entry);
    if (group === undefined || port === undefined) return [];
    return [{ group, port, id: group.targetType === 'ip' ? (task.address ?? taskAddress) : machineInstanceId }];
  });
}

/** Registers a task in its target groups, and returns its targets. */
export function registerTask(ecs: Ecs, task: Task): TaskTarget[] {
  const targets = targetsOf(ecs, task);
  const { availabilityZone } = task;
  const zone = availabilityZone === undefined ? {} : { availabilityZone };
  for (const { group, id, port } of targets) registerTarget(ecs.elbv2, group, { id, port, ...zone });
  return targets;
}

/** Deregisters a task's targets, and returns those that were still registered. */
export function deregisterTask(ecs: Ecs, task: Task): TaskTarget[] {
  const targets = targetsOf(ecs, task).filter(({ group, id, port }) =>
    group.targets.some((target) => target.id === id && target.port === port && target.drainingSince === undefined),
  );
  for (const { group, id, port } of targets) deregisterTarget(ecs.elbv2, group, { id, port });
  return targets;
}

/** Whether the task is in no target group any more to which a rule forwards. */
export function isUnused(ecs: Ecs, task: Task): boolean {
  return targetsOf(ecs, task).every(
    ({ group, id, port }) => healthOf(ecs.elbv2, group, { id, port }).State === 'unused',
  );
}

export function healthOfTask(ecs: Ecs, task: Task): { readonly target: TaskTarget; readonly health: TargetHealth }[] {
  return targetsOf(ecs, task).map((target) => ({ target, health: healthOf(ecs.elbv2, target.group, target) }));
}

function hostPortOf(task: Task, { containerName, containerPort }: LoadBalancer): number | undefined {
  const container = task.containers.find(({ name }) => name === containerName);
  return container?.ports.find((port) => port.containerPort === containerPort)?.hostPort;
}

/** Whether a task runs, isn't asked to stop, and is healthy in every target group of its service. */
export function isHealthy(ecs: Ecs, task: Task): boolean {
  return (
    task.lastStatus === 'RUNNING' &&
    task.desiredStatus === 'RUNNING' &&
    healthOfTask(ecs, task).every(({ health }) => health.State === 'healthy')
  );
}
