/**
 * How the development server is started, and whether one can be used: that is asked of the server, never guessed from the time.
 * https://docs.temporal.io/cli/server#start-dev
 */
import type { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { temporal } from '@temporalio/proto';
import { connectToTemporal } from '../../temporal/connection';
import { searchAttributes, workflowTaskTimeout } from '../../contract/ids';
import { formatAttribute } from '../../temporal/search-attributes';

export interface TemporalServerOptions {
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
}

/**
 * The arguments of `temporal`. Without the shorter time shift every timer below a second takes a second. Workflows that are
 * started in the UI have the server's default timeout of workflow tasks, so that is set too. What it stores survives its death, and
 * needn't survive the machine's: so it waits for no disk, which is a third less CPU for each write.
 */
export function temporalArguments({ databaseFile, port, uiPort }: TemporalServerOptions): string[] {
  const attributes = Object.values(searchAttributes).flatMap((one) => ['--search-attribute', formatAttribute(one)]);
  const server = ['--db-filename', databaseFile, '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  const pragmas = ['journal_mode=WAL', 'synchronous=OFF'].flatMap((pragma) => ['--sqlite-pragma', pragma]);
  const values = {
    'history.timerProcessorMaxTimeShift': '10ms',
    'history.defaultWorkflowTaskTimeout': workflowTaskTimeout,
  };
  const settings = Object.entries(values).flatMap(([name, value]) => ['--dynamic-config-value', `${name}="${value}"`]);
  return [
    'server',
    'start-dev',
    ...server,
    '--log-level',
    'error',
    '--log-format',
    'json',
    ...pragmas,
    ...attributes,
    ...settings,
  ];
}

/** A server to connect to; the address is `host:port`. */
export interface TemporalAccess {
  readonly address: string;
  readonly namespace: string;
}

/**
 * Those of the wanted search attributes that a server lacks.
 * @throws {Error} when it doesn't answer, or has no such namespace
 */
export async function describeMissing(access: TemporalAccess, wanted: readonly string[]): Promise<string[]> {
  return await withConnection(access, async ({ workflowService, operatorService }) => {
    await workflowService.describeNamespace({ namespace: access.namespace });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace: access.namespace });
    return wanted.filter((name) => customAttributes[name] === undefined);
  });
}

/**
 * Whether a worker has polled a queue for workflow tasks.
 * @param since milliseconds since the epoch
 * @throws {Error} when the server doesn't answer
 */
export async function hasPoller(access: TemporalAccess, taskQueue: string, since: number): Promise<boolean> {
  return await withConnection(access, async ({ workflowService }) => {
    const { pollers } = await workflowService.describeTaskQueue({
      namespace: access.namespace,
      taskQueue: { name: taskQueue },
      taskQueueType: temporal.api.enums.v1.TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    });
    return pollers.some(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 >= since - 1000);
  });
}

/** Connects to the address, with TLS and keys as the environment configures them. */
async function withConnection<T>(access: TemporalAccess, work: (connection: Connection) => Promise<T>): Promise<T> {
  const { connectionOptions } = loadClientConnectConfig();
  const { connection, close } = await connectToTemporal({
    ...connectionOptions,
    address: access.address,
    connectTimeout: 2000,
  });
  try {
    return await work(connection);
  } finally {
    await close();
  }
}
