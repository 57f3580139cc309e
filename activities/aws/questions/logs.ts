/** What an application's tasks printed last, from CloudWatch Logs, where their containers use the `awslogs` driver. */
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Task } from '@aws-sdk/client-ecs';
import type { ObservedApplication } from '../../../planning/observed/observed';
import { servicesOf } from '../../../planning/observed/services';
import type { TaskLog } from '../../../contract/questions';
import type { AwsClients } from '../client/clients';
import { describeTaskDefinition } from '../ecs/task-definitions';
import { describeTasks } from '../ecs/tasks';

export interface LogLine {
  readonly at: string | null;
  readonly text: string;
}

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

/** The end of each container's log stream; says so where it can't be read, because one cause must not hide another. */
export async function readLastLines(clients: AwsClients, task: Task, lines: number): Promise<LogLine[]> {
  try {
    const streams = await describeStreams(clients, task);
    return (await Promise.all(streams.map((stream) => readEnd(clients, stream, lines)))).flat();
  } catch (error) {
    return [{ at: null, text: `(not readable: ${(error as Error).message})` }];
  }
}

interface LogStream {
  readonly group: string;
  readonly stream: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html: `prefix/container/task`. */
async function describeStreams(clients: AwsClients, task: Task): Promise<LogStream[]> {
  const id = task.taskArn?.split('/').at(-1) ?? '';
  const definition = await describeTaskDefinition(clients.ecs, task.taskDefinitionArn ?? '');
  return (definition?.containerDefinitions ?? []).flatMap(({ name, logConfiguration }) => {
    const options = logConfiguration?.logDriver === 'awslogs' ? logConfiguration.options : undefined;
    const group = options?.['awslogs-group'];
    return group === undefined ? [] : [{ group, stream: `${options?.['awslogs-stream-prefix']}/${name}/${id}` }];
  });
}

async function readEnd({ logs }: AwsClients, { group, stream }: LogStream, limit: number): Promise<LogLine[]> {
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, limit, startFromHead: false }),
  );
  return events.map(({ timestamp, message = '' }) => ({
    at: timestamp === undefined ? null : new Date(timestamp).toISOString(),
    text: message.trimEnd().slice(0, 300),
  }));
}
