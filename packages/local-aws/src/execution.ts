/**
 * Runs the operations of all services: it counts the calls, applies the faults that are set, and gives an answer only after the
 * change that it confirms is stored.
 */
import type { RecordedWrite, WriteRecord } from './call-record';
import { askedCall, type AskedCall } from './faults/asked-calls';
import type { CallFaults } from './faults/call-faults';
import type { StaleState } from './faults/stale-reads';
import type { Enforce } from './iam/enforcement';
import type { Caller } from './iam/identities';
import { isRead, type Operations } from './operations';
import { NoAnswer, type ApiCall, type Execute } from './protocol/dispatch';
import { AwsError } from './protocol/errors';
import type { AwsState } from './state';
import type { Store } from './store';

/** The number of calls since the start, by `service:Operation`, including those that a fault kept from having an effect. */
export type CallCounts = Record<string, number>;

export interface Execution {
  /** The operations of every service on a state: the present one, or an older one for a stale read. */
  readonly services: (state: AwsState) => Readonly<Record<string, Operations>>;
  readonly store: Store;
  readonly calls: CallCounts;
  /** Called for every call. */
  readonly record: (operation: string, userAgent: string) => void;
  /** Every write is recorded with what became of it. */
  readonly writes: WriteRecord;
  readonly now: () => number;
  readonly callerOf: (accessKeyId: string) => Caller;
  readonly enforce: Enforce;
  readonly faults: CallFaults;
  readonly staleState: StaleState;
}

export function executor(execution: Execution): Execute {
  const { store, calls, record, writes, now } = execution;
  const present = execution.services(store.state);
  return async (call) => {
    const name = `${call.model.name}:${call.operation}`;
    if (present[call.model.name]?.[call.operation] === undefined) throw new Error(`There is no ${name}.`);
    calls[name] = (calls[name] ?? 0) + 1;
    record(name, call.userAgent);
    const asks = { operation: name, isRead: isRead(call.operation), input: call.input };
    const asked = askedCall(asks, store.state.elbv2.rules);
    if (asked.isRead) return await run(execution, present, { call, asked });
    const write = writes.begin({ operation: name, input: call.input, rules: asked.rules }, call.userAgent);
    const struckBy = (kind: string) => void write.faults.push(kind);
    return await noted(write, now, run(execution, present, { call, asked: { ...asked, struckBy } }));
  };
}

/** Notes how a write ends. */
async function noted(write: RecordedWrite, now: () => number, ending: Promise<unknown>): Promise<unknown> {
  try {
    const output = await ending;
    write.outcome = 'answered';
    return output;
  } catch (error) {
    write.outcome = error instanceof NoAnswer ? 'unanswered' : error instanceof AwsError ? error.code : 'failed';
    throw error;
  } finally {
    write.ended = now();
  }
}

interface Asked {
  readonly call: ApiCall;
  readonly asked: AskedCall;
}

async function run(
  { services, store, callerOf, enforce, faults, staleState }: Execution,
  present: ReturnType<Execution['services']>,
  { call, asked }: Asked,
): Promise<unknown> {
  await faults.before(asked);
  const caller = callerOf(call.accessKeyId);
  enforce(call, caller);
  const operate = (on: typeof present) => on[call.model.name]?.[call.operation]?.(call.input as never, caller);
  const stale = asked.isRead ? staleState(asked.operation) : undefined;
  if (stale !== undefined) return await operate(services(stale));
  try {
    return await operate(present);
  } finally {
    if (!asked.isRead) store.changed();
    await store.saved();
    faults.after(asked);
  }
}
