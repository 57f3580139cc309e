/** Why a task stopped, in one sentence: stop code, reason, exit codes, and the last lines that it logged. */
import type { Container, Task } from '@aws-sdk/client-ecs';
import type { AwsClients } from '../client/clients';
import { readLastLines } from './task-logs';

const lastLines = 5;

/** One sentence without its full stop. */
export async function describeStop(clients: AwsClients, task: Task): Promise<string> {
  const id = task.taskArn?.split('/').at(-1) ?? '';
  const containers = (task.containers ?? []).map(describeExit).filter((text) => text !== '');
  const lines = await readLastLines(clients, task, lastLines);
  return [
    `Task ${id} stopped: ${task.stopCode ?? 'no stop code'} (${task.stoppedReason ?? 'no reason given'})`,
    ...containers,
    ...(lines.length > 0 ? [`last log lines: ${lines.map(({ text }) => text).join(' | ')}`] : []),
  ].join('; ');
}

function describeExit({ name, exitCode, reason }: Container): string {
  if (exitCode === undefined && reason === undefined) return '';
  const code = exitCode === undefined ? 'did not start' : `exited with code ${exitCode}`;
  return `container ${name} ${code}${reason === undefined ? '' : ` (${reason})`}`;
}
