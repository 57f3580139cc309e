/**
 * What every AWS call has in common, whichever client makes it: its turn within the account's rates, errors as typed failures,
 * and somebody who is told how it went. A write is made under a lease (leases.ts) and has no retries of its own (Temporal
 * retries, and reads before it writes again); a read that fails in passing is asked again at once, so that an activity of many
 * reads isn't begun anew for one of them.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { leaseLeftMs, underLease, type ConfirmAttempt } from '../../leases';
import { awsFailure } from './errors';
import type { Limiter } from './limiter';

export const requestTimeoutMs = 8_000;

/** How one attempt of a call went. */
export interface AwsCall {
  /** As IAM spells it, e.g. `ecs`. */
  readonly service: string;
  readonly operation: string;
  /** `null` when it was answered; else the failure's type, e.g. `Throttled`. */
  readonly failure: string | null;
  readonly durationMs: number;
  /** How long it waited for its turn. */
  readonly waitedMs: number;
}

export interface CallDependencies {
  readonly limiter: Limiter;
  /** Asked before each write, which is made under a lease; without it every write is made. */
  readonly confirm?: ConfirmAttempt;
  /** Told of every attempt; must not throw. */
  readonly observe?: (call: AwsCall) => void;
  /** Runs a call so that what it does is traced. */
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

/** Adds all that to a client, and returns it. */
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
        return trace(service, operation, () => attempt(service, operation, () => next(args), dependencies));
      },
    { step: 'initialize', priority: 'high', name: 'callPolicy' },
  );
  return client;
}

interface RequestHandler {
  handle(request: unknown, options?: { readonly requestTimeout?: number }): Promise<unknown>;
}

/** The last moment before the wire: a role's credentials may have taken their time. */
function bindToLease(handler: RequestHandler): void {
  const handle = handler.handle.bind(handler);
  handler.handle = async (request, options) => {
    const requestTimeout = leaseLeftMs();
    if (requestTimeout === undefined) return await handle(request, options);
    if (requestTimeout > 0) return await handle(request, { ...options, requestTimeout });
    throw Object.assign(new Error('its time was over before it was sent'), { name: 'TimeoutError' });
  };
}

const reads = /^(Describe|List|Get|BatchGet)/;
const askAgainForMs = 4_000;

async function attempt(
  service: string,
  operation: string,
  call: () => Promise<unknown>,
  { limiter, observe = () => undefined, confirm = () => Promise.resolve() }: CallDependencies,
): Promise<unknown> {
  const started = performance.now();
  const isRead = reads.test(operation);
  for (let pauseMs = 100; ; pauseMs *= 2) {
    const asked = performance.now();
    await limiter.admit({ operation: `${service}:${operation}`, isRead, ...patience() });
    const sent = performance.now();
    const tell = (failure: string | null): void =>
      observe({ service, operation, failure, durationMs: performance.now() - sent, waitedMs: sent - asked });
    try {
      const answer = await (isRead ? call() : underLease(confirm, call));
      tell(null);
      return answer;
    } catch (error) {
      if (error instanceof ApplicationFailure || error instanceof CancelledFailure) throw error;
      const failure = awsFailure(error, operation);
      tell(failure.type ?? null);
      const late = performance.now() - started + pauseMs > askAgainForMs;
      if (failure.nonRetryable || late || !isRead) throw failure;
      await sleep(pauseMs);
    }
  }
}

/** Nobody waits longer than this for a turn. */
const longestWaitMs = 20_000;
/** When each activity attempt first called AWS. */
const begun = new WeakMap<Context, number>();

/** A call must not go out so late that its activity's attempt is over before the answer can be there: it might take effect then. */
function patience(): { readonly patienceMs: number; readonly signal?: AbortSignal } {
  const context = currentActivity();
  if (context === undefined) return { patienceMs: longestWaitMs };
  const start = begun.get(context) ?? Date.now();
  begun.set(context, start);
  const lastMomentMs = start + (context.info.startToCloseTimeoutMs ?? Infinity) - requestTimeoutMs - 1_000;
  const patienceMs = Math.max(1, Math.min(longestWaitMs, lastMomentMs - Date.now()));
  return { patienceMs, signal: context.cancellationSignal };
}

/** `undefined` outside an activity. */
export function currentActivity(): Context | undefined {
  try {
    return Context.current();
  } catch {
    return undefined;
  }
}
