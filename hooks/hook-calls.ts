/** Starts the platform's calls in Temporal: a call is answered only once it is safe there. */
import {
  Client,
  WorkflowExecutionAlreadyStartedError,
  type ConnectionOptions,
  type DataConverter,
  type WorkflowClientInterceptor,
} from '@temporalio/client';
import { plainSummary } from '../contract/text';
import { taskQueues, workflowTaskTimeout } from '../contract/ids';
import { connectLazily } from '../temporal/connection';
import { hookMethods, hookCallIdOf, type HookMethod, type HookCallRequest } from '../contract/hook-calls';

/** Temporal did not confirm that the call is safe. */
export class NotStarted extends Error {}

export interface HookCalls {
  /**
   * Returns when the call is safe; the same call again finds it there.
   * @throws {NotStarted} when Temporal doesn't confirm that in time
   */
  readonly start: (method: HookMethod, request: HookCallRequest) => Promise<{ readonly workflowId: string }>;
  /** @throws {Error} when Temporal doesn't answer in time */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface HookCallsOptions {
  readonly connectionOptions: ConnectionOptions;
  readonly namespace: string;
  readonly dataConverter?: DataConverter;
  /** How long Temporal may take. Default 5 s: the platform waits for the answer. */
  readonly timeoutMs?: number;
  /** For traces. */
  readonly interceptors?: readonly WorkflowClientInterceptor[];
}

/** Connects when it is first used: a listener that starts before Temporal answers 503 meanwhile. */
export function temporalHookCalls(options: HookCallsOptions): HookCalls {
  const { connectionOptions, namespace, dataConverter = {}, timeoutMs = 5_000, interceptors = [] } = options;
  const { connection, close } = connectLazily({ connectTimeout: timeoutMs, ...connectionOptions });
  const client = new Client({ connection, namespace, dataConverter, interceptors: { workflow: [...interceptors] } });
  const limited = async <T>(call: () => Promise<T>): Promise<T> =>
    await inTime(connection.withDeadline(Date.now() + timeoutMs, call), timeoutMs);
  return {
    start: async (method, request) => {
      const workflowId = hookCallIdOf(method, request);
      await limited(() => start(client, workflowId, method, request)).catch((error: unknown) => {
        // The call ran already, and its answer was written: the same call again changes nothing.
        if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw new NotStarted(causeOf(error as Error));
      });
      return { workflowId };
    },
    check: async () => {
      await limited(() => connection.workflowService.describeNamespace({ namespace }));
    },
    close,
  };
}

/** The client wraps the error that gRPC reported. */
const causeOf = ({ message, cause }: Error): string => (cause instanceof Error ? cause.message : message);

async function start(client: Client, workflowId: string, method: HookMethod, request: HookCallRequest): Promise<void> {
  const { workflow, step } = hookMethods[method];
  await client.workflow.start(workflow, {
    workflowId,
    taskQueue: taskQueues.workflows,
    workflowTaskTimeout,
    args: [request],
    workflowIdConflictPolicy: 'USE_EXISTING',
    // A run that was terminated or failed left no answer: then the same call is a new try.
    workflowIdReusePolicy: 'ALLOW_DUPLICATE_FAILED_ONLY',
    staticSummary: plainSummary(`${step}: ${request.applicationName}`),
  });
}

async function inTime<T>(call: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it did not answer in time')), timeoutMs + 500);
  });
  try {
    return await Promise.race([call, late]);
  } finally {
    clearTimeout(timer);
  }
}
