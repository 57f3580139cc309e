/** Which task answers at a target of the load balancer. */
import type { Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { noInstances, type ContainerInstances } from './container-instances';

/** Whether the target has the task's address, or its instance's ID, and where ECS's agent reports one, its port. */
export function isTargetOf(
  task: Task,
  { Target }: TargetHealthDescription,
  instances: ContainerInstances = noInstances,
): boolean {
  const [addresses, ports] = [addressesOf(task, instances), portsOf(task)];
  const isThere = addresses.length === 0 || addresses.includes(Target?.Id);
  return isThere && (ports.length === 0 || ports.includes(Target?.Port));
}

/**
 * The task behind a target, as far as it is known: two instances may hand out the same port, and an instance can't always be read.
 * Of several tasks the one that started last is meant, so that none is judged by the age of another.
 */
export function findTaskOf(
  target: TargetHealthDescription,
  tasks: readonly Task[],
  instances: ContainerInstances = noInstances,
): Task | undefined {
  const startOf = ({ startedAt }: Task) => startedAt?.getTime() ?? Infinity;
  return tasks
    .filter((task) => isPlaced(task, instances) && isTargetOf(task, target, instances))
    .toSorted((one, other) => (startOf(one) < startOf(other) ? 1 : -1))[0];
}

/** Whether an address or a port of the task is known: one that has neither yet could be behind any target. */
export const isPlaced = (task: Task, instances: ContainerInstances = noInstances): boolean =>
  addressesOf(task, instances).length > 0 || portsOf(task).length > 0;

/** Outside `awsvpc` a task has no address of its own, and its target is its instance, by ID. */
function addressesOf({ attachments = [], containerInstanceArn }: Task, instances: ContainerInstances) {
  const own = attachments.flatMap(({ details = [] }) =>
    details.filter(({ name }) => /^privateIPv[46]Address$/.test(name ?? '')).map(({ value }) => value),
  );
  const instance = instances.get(containerInstanceArn ?? '')?.ec2InstanceId;
  return own.length > 0 || instance === undefined ? own : [instance];
}

const portsOf = ({ containers = [] }: Task) =>
  containers.flatMap(({ networkBindings = [] }) => networkBindings.map(({ hostPort }) => hostPort));
