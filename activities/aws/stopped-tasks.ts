/** Why a task stopped, in one sentence: stop code, reason, exit codes, and the last lines that it logged. */
import { GetLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeTaskDefinitionCommand, type Container, type Task } from '@aws-sdk/client-ecs';
import type { AwsClients } from './clients';

const lastLines = 5;

export async function describeStop(clients: AwsClients, task: Task): Promise<string> {
  const id = task.taskArn?.split('/').at(-1) ?? '';
  const containers = (task.containers ?? []).map(describeExit).filter((text) => text !== '');
  const lines = await describeLastLines(clients, task, id);
  return [
    `Task ${id} stopped: ${task.stopCode ?? 'no stop code'} (${task.stoppedReason ?? 'no reason given'})`,
    ...containers,
    ...(lines.length > 0 ? [`last log lines: ${lines.join(' | ')}`] : []),
  ].join('; ');
}

function describeExit({ name, exitCode, reason }: Container): string {
  if (exitCode === undefined && reason === undefined) return '';
  const code = exitCode === undefined ? 'did not start' : `exited with code ${exitCode}`;
  return `container ${name} ${code}${reason === undefined ? '' : ` (${reason})`}`;
}

/** The end of each container's log stream; says so where logs can't be read, because the cause must not hide another. */
async function describeLastLines(clients: AwsClients, task: Task, id: string): Promise<string[]> {
  try {
    const { taskDefinition } = await clients.ecs.send(
      new DescribeTaskDefinitionCommand({ taskDefinition: task.taskDefinitionArn }),
    );
    const streams = (taskDefinition?.containerDefinitions ?? []).flatMap(({ name, logConfiguration }) => {
      const options = logConfiguration?.logDriver === 'awslogs' ? logConfiguration.options : undefined;
      const group = options?.['awslogs-group'];
      return group === undefined ? [] : [{ group, stream: `${options?.['awslogs-stream-prefix']}/${name}/${id}` }];
    });
    const lines = await Promise.all(streams.map((stream) => readEnd(clients, stream)));
    return lines.flat();
  } catch (error) {
    return [`(not readable: ${(error as Error).message})`];
  }
}

async function readEnd({ logs }: AwsClients, { group, stream }: { group: string; stream: string }): Promise<string[]> {
  const { events = [] } = await logs.send(
    new GetLogEventsCommand({ logGroupName: group, logStreamName: stream, limit: lastLines, startFromHead: false }),
  );
  return events.map(({ message = '' }) => message.trimEnd().slice(0, 300));
}
