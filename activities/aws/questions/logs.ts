/** What an application's tasks printed last, from CloudWatch Logs, where their containers use the `awslogs` driver. */
import { slotNames, slots, type ApplicationIdentity } from '../../../planning/names';
import type { TaskLog } from '../../../contract/questions';
import type { AwsClients } from '../client/clients';
import { describeService } from '../ecs/services';
import { readLastLines } from '../ecs/task-logs';
import { describeTasks } from '../ecs/tasks';

/** Running tasks first; those that stopped within the hour for which ECS remembers them, after. */
export async function describeLogs(
  clients: AwsClients,
  cluster: string,
  identity: ApplicationIdentity,
  lines: number,
): Promise<TaskLog[]> {
  const found: TaskLog[] = [];
  for (const service of slots.map((slot) => slotNames(identity, slot).service)) {
    if (!(await describeService(clients.ecs, cluster, service))) continue;
    for (const status of ['RUNNING', 'STOPPED'] as const)
      for (const task of (await describeTasks(clients, cluster, service, status)).slice(0, 20))
        found.push({
          task: task.taskArn?.split('/').at(-1) ?? '',
          service,
          status: task.lastStatus ?? status,
          lines: await readLastLines(clients, task, lines),
        });
  }
  return found;
}
