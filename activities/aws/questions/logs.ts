/** What an application's tasks printed last, from CloudWatch Logs, where their containers use the `awslogs` driver. */
import type { ObservedApplication } from '../../../planning/observed/observed';
import { servicesOf } from '../../../planning/observed/services';
import type { TaskLog } from '../../../contract/questions';
import type { AwsClients } from '../client/clients';
import { readLastLines } from '../ecs/task-logs';
import { describeTasks } from '../ecs/tasks';

/** How many tasks of a service are read, of each status. */
const mostTasks = 20;

/**
 * Running tasks first; those that stopped within the hour for which ECS remembers them, after.
 * @param lines the most of each container
 */
export async function describeLogs(
  clients: AwsClients,
  cluster: string,
  observed: ObservedApplication,
  lines: number,
): Promise<TaskLog[]> {
  const found: TaskLog[] = [];
  for (const { service } of servicesOf(observed))
    for (const status of ['RUNNING', 'STOPPED'] as const)
      for (const task of (await describeTasks(clients, cluster, service.name, status)).slice(0, mostTasks))
        found.push({
          task: task.taskArn?.split('/').at(-1) ?? '',
          service: service.name,
          status: task.lastStatus ?? status,
          lines: await readLastLines(clients, task, lines),
        });
  return found;
}
