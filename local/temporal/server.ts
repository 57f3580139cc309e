/**
 * How the development server is started, and how it is known that one can be used. Readiness is asked, never slept for.
 * https://docs.temporal.io/cli/server#start-dev
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Connection } from '@temporalio/client';

export interface TemporalServerOptions {
  readonly databaseFile: string;
  readonly port: number;
  readonly uiPort: number;
}

/** What deployments can be searched by. */
export const searchAttributes = ['CutoverZone', 'CutoverApplication', 'CutoverPhase', 'CutoverOutcome'] as const;

/** What to run `temporal` with. Without the shorter time shift every timer below a second takes a second. */
export function temporalArguments({ databaseFile, port, uiPort }: TemporalServerOptions): string[] {
  const attributes = searchAttributes.flatMap((name) => ['--search-attribute', `${name}=Keyword`]);
  const server = ['--db-filename', databaseFile, '--ip', '127.0.0.1', '--port', `${port}`, '--ui-port', `${uiPort}`];
  const settings = ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"'];
  return ['server', 'start-dev', ...server, '--log-level', 'error', '--log-format', 'json', ...attributes, ...settings];
}

export interface TemporalQuestion {
  readonly address: string;
  readonly namespace: string;
  /** Waits for these to be registered too; none for a server that isn't ours to change. */
  readonly searchAttributes?: readonly string[];
  readonly signal: AbortSignal;
}

/** Waits until a server answers and knows the search attributes; forever, unless the signal ends it. */
export async function waitForTemporal(question: TemporalQuestion): Promise<void> {
  for (;;) {
    const missing = await describeMissing(question).catch(() => ['the server']);
    if (missing.length === 0) return;
    await sleep(50, undefined, { signal: question.signal });
  }
}

/** Throws when the server doesn't answer. */
async function describeMissing(question: TemporalQuestion): Promise<string[]> {
  const connection = await Connection.connect({ address: question.address, connectTimeout: 2000 });
  try {
    await connection.workflowService.getSystemInfo({});
    await connection.workflowService.describeNamespace({ namespace: question.namespace });
    const wanted = question.searchAttributes ?? [];
    if (wanted.length === 0) return [];
    const { customAttributes } = await connection.operatorService.listSearchAttributes({
      namespace: question.namespace,
    });
    return wanted.filter((name) => customAttributes?.[name] === undefined);
  } finally {
    await connection.close();
  }
}
