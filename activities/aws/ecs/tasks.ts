/** The tasks of a service, read whole: page by page, however many there are. */
import { DescribeTasksCommand, paginateListTasks, type Task } from '@aws-sdk/client-ecs';
import type { AwsClients } from '../client/clients';

/** DescribeTasks takes 100 ARNs a call, as many as ListTasks gives on a page. */
export async function describeTasks(
  { ecs }: AwsClients,
  cluster: string,
  serviceName: string,
  desiredStatus: 'RUNNING' | 'STOPPED',
): Promise<Task[]> {
  const found: Task[] = [];
  for await (const { taskArns = [] } of paginateListTasks({ client: ecs }, { cluster, serviceName, desiredStatus })) {
    if (taskArns.length === 0) continue;
    const { tasks = [] } = await ecs.send(new DescribeTasksCommand({ cluster, tasks: taskArns }));
    found.push(...tasks);
  }
  return found;
}
