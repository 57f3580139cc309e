/**
 * How the development server is started, and how it is known that one can be used. Readiness is asked, never slept for.
 * https://docs.temporal.io/cli/server#start-dev
 */
import type { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { temporal } from '@temporalio/proto';
import { connectToTemporal } from '../../temporal/connection';
import { searchAttributes, workflowTaskTimeout } from '../../contract/ids';

export interface TemporalServerOptions {
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
}

export const searchAttributeNames = Object.values(searchAttributes).map(({ name }) => name);

/**
 * What to run `temporal` with. Without the shorter time shift every timer below a second takes a second; what is started in the
 * UI bears the server's own time-out of workflow tasks.
 */
export function temporalArguments({ databaseFile, port, uiPort }: TemporalServerOptions): string[] {
  const attributes = searchAttributeNames.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  const server = ['--db-filename', databaseFile, '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  const values = {
    'history.timerProcessorMaxTimeShift': '10ms',
    'history.defaultWorkflowTaskTimeout': workflowTaskTimeout,
  };
  const settings = Object.entries(values).flatMap(([name, value]) => ['--dynamic-config-value', `${name}="${value}"`]);
  return ['server', 'start-dev', ...server, '--log-level', 'error', '--log-format', 'json', ...attributes, ...settings];
}

export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
}

/** What a server lacks of the search attributes that are wanted. Throws when it doesn't answer, or has no such namespace. */
export async function describeMissing(access: TemporalAccess, wanted: readonly string[]): Promise<string[]> {
  return await asking(access, async ({ workflowService, operatorService }) => {
    await workflowService.describeNamespace({ namespace: access.namespace });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace: access.namespace });
    return wanted.filter((name) => customAttributes[name] === undefined);
  });
}

/** Whether somebody has asked for workflow tasks of a queue since a time (milliseconds since the epoch). */
export async function hasPoller(access: TemporalAccess, taskQueue: string, since: number): Promise<boolean> {
  return await asking(access, async ({ workflowService }) => {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: access.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since - 1000);
  });
}

/** Connects as the environment says (TLS, keys), to the address given. */
async function asking<T>(access: TemporalAccess, question: (connection: Connection) => Promise<T>): Promise<T> {
  const { connectionOptions } = loadClientConnectConfig();
  const { connection, close } = await connectToTemporal({
    ...connectionOptions,
    address: access.address,
    connectTimeout: 2000,
  });
  try {
    return await question(connection);
  } finally {
    await close();
  }
}
