/** What a task printed last, from CloudWatch Logs, where its containers use the `awslogs` driver. */
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import type { Task } from '@aws-sdk/client-ecs';
import type { AwsClients } from '../client/clients';
import { describeTaskDefinition } from './task-definitions';

export interface LogLine {
  /** ISO 8601; `null` where there is no time. */
  readonly at: string | null;
  /** At most 300 characters. */
  readonly text: string;
}

/**
 * The last lines of each container of a task, oldest first. Never rejects: a log that can't be read is a line that says so, for
 * one cause must not hide another.
 */
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

/** A stream is named `prefix/container/task`: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
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
