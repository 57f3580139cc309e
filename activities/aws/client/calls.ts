/**
 * What every AWS call has in common, whichever client makes it: it waits for its turn within the account's rates, its errors
 * become typed failures, and every attempt is observed. Reads that wait for their turn to ask the same are one call. A write is
 * made under a lease (leases.ts) and isn't retried here: Temporal retries it, and the activity reads before it writes again. A read
 * that fails for the moment is retried at once, so that an activity of many reads doesn't start over for one of them.
 */
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseLeftMs, underLease, type ConfirmAttempt } from '../../leases';
import { showPause } from '../../polling';
import { awsFailure } from './errors';
import { callerNow } from './fair-order';
import type { Limiter, Question, Turn } from './limiter';
import { patience } from './time-limits';

/** How one attempt of a call went. */
export interface AwsCall {
  /** As IAM spells it, e.g. `ecs`. */
  readonly service: string;
  readonly operation: string;
  /** `null` when the call succeeded, else the failure's type, e.g. `Throttled`. */
  readonly failure: string | null;
  readonly durationMs: number;
  /** How long the attempt waited for its turn. */
  readonly waitedMs: number;
}

export interface CallDependencies {
  readonly limiter: Limiter;
  /** Confirms the lease under which a write is made, before each write; without it every write is made. */
  readonly confirm?: ConfirmAttempt;
  /** Called after every attempt; must not throw. */
  readonly observe?: (call: AwsCall) => void;
  /** Runs a call inside a trace span. */
  readonly trace?: <T>(service: string, operation: string, call: () => Promise<T>) => Promise<T>;
}

interface AwsClient {
  readonly middlewareStack: object;
  readonly config: { readonly requestHandler: object };
}

interface Stack {
  add(
    middleware: (
      next: (args: never) => Promise<unknown>,
      context: { commandName?: string },
    ) => (args: never) => Promise<unknown>,
    options: { step: 'initialize'; priority: 'high'; name: string },
  ): void;
}

/**
 * Adds this policy to a client, and returns the client.
 * @param service as IAM spells it, e.g. `ecs`
 */
export function withCallPolicy<Client extends AwsClient>(
  client: Client,
  service: string,
  dependencies: CallDependencies,
): Client {
  bindToLease(client.config.requestHandler as RequestHandler);
  const trace = dependencies.trace ?? ((_service, _operation, call) => call());
  (client.middlewareStack as Stack).add(
    (next, { commandName = 'AWS' }) =>
      (args) => {
        const operation = commandName.replace(/Command$/, '');
        const { input } = args as { readonly input?: unknown };
        const asked = reads.test(operation) ? { client, text: `${operation} ${JSON.stringify(input)}` } : undefined;
        return trace(service, operation, () => attempt(service, operation, () => next(args), asked, dependencies));
      },
    { step: 'initialize', priority: 'high', name: 'callPolicy' },
  );
  return client;
}

interface RequestHandler {
  handle(request: unknown, options?: { readonly requestTimeout?: number }): Promise<unknown>;
}

/** Looks at the lease again at the last moment before the request is sent, for getting a role's credentials may have taken time. */
function bindToLease(handler: RequestHandler): void {
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const requestTimeout = leaseLeftMs();
    if (requestTimeout === undefined) return await handle(request, options);
    if (requestTimeout > 0) return await handle(request, { ...options, requestTimeout });
    throw Object.assign(new Error('its time was over before it was sent'), { name: 'TimeoutError' });
  };
}

const lateAfterMs = 2_000;

/** Until its turn comes, a call may wait for minutes: whoever looks is to see what for. */
async function shownWhileLate<T>(operation: string, turn: () => Promise<T>): Promise<T> {
  let showBefore = (): void => undefined;
  const late = setTimeout(
    () => (showBefore = showPause(`${operation} waits for its turn within AWS's rates`)),
    lateAfterMs,
  );
  try {
    return await turn();
  } finally {
    clearTimeout(late);
    showBefore();
  }
}

const reads = /^(Describe|List|Get|BatchGet)/;
/** For how long a read is retried. */
const retryReadsForMs = 4_000;

async function attempt(
  service: string,
  operation: string,
  call: () => Promise<unknown>,
  /** What a read asks; a write asks nothing. */
  question: Question | undefined,
  { limiter, observe = () => undefined, confirm = () => Promise.resolve() }: CallDependencies,
): Promise<unknown> {
  const started = performance.now();
  const isRead = question !== undefined;
  for (let pauseMs = 100; ; pauseMs *= 2) {
    const asked = performance.now();
    const turn = await shownWhileLate(operation, () =>
      limiter.admit({
        operation: `${service}:${operation}`,
        isRead,
        caller: callerNow(),
        ...(question && { question }),
        ...patience(),
      }),
    );
    const sent = performance.now();
    const record = (failure: string | null): void => {
      if ('tell' in turn)
        observe({ service, operation, failure, durationMs: performance.now() - sent, waitedMs: sent - asked });
    };
    try {
      const answer = await ('told' in turn ? turn.told : make(isRead ? call() : underLease(confirm, call), turn));
      record(null);
      return answer;
    } catch (error) {
      if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
      const failure = awsFailure(error, operation);
      record(failure.type ?? null);
      const late = performance.now() - started + pauseMs > retryReadsForMs;
      if (failure.nonRetryable || late || !isRead) throw failure;
      await sleep(pauseMs);
    }
  }
}

async function make(answer: Promise<unknown>, { tell }: Extract<Turn, { tell: unknown }>): Promise<unknown> {
  tell(answer);
  return await answer;
}
