/** Which task answers at a target of the load balancer. */
import type { Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';

/** Whether the target has the task's address and, where ECS's agent reports one, its port. */
export function isTargetOf(task: Task, { Target }: TargetHealthDescription): boolean {
  const [addresses, ports] = [addressesOf(task), portsOf(task)];
  const isThere = addresses.length === 0 || addresses.includes(Target?.Id);
  return isThere && (ports.length === 0 || ports.includes(Target?.Port));
}

/**
 * The task behind a target, as far as it is known: outside `awsvpc` a task has no address of its own, and two instances may hand out
 * the same port. Of several tasks the one that started last is meant, so that none is judged by the age of another.
 */
export function findTaskOf(target: TargetHealthDescription, tasks: readonly Task[]): Task | undefined {
  const isKnown = (task: Task) => addressesOf(task).length > 0 || portsOf(task).length > 0;
  const startOf = ({ startedAt }: Task) => startedAt?.getTime() ?? Infinity;
  return tasks
    .filter((task) => isKnown(task) && isTargetOf(task, target))
    .toSorted((one, other) => (startOf(one) < startOf(other) ? 1 : -1))[0];
}

const addressesOf = ({ attachments = [] }: Task) =>
  attachments.flatMap(({ details = [] }) =>
    details.filter(({ name }) => /^privateIPv[46]Address$/.test(name ?? '')).map(({ value }) => value),
  );

const portsOf = ({ containers = [] }: Task) =>
  containers.flatMap(({ networkBindings = [] }) => networkBindings.map(({ hostPort }) => hostPort));
