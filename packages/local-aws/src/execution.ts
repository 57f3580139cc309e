/**
 * Runs the operations of all services: it counts the calls, applies the faults that are set, and gives an answer only after the
 * change that it confirms is stored.
 */
import type { CallFaults } from './faults/call-faults';
import type { StaleState } from './faults/stale-reads';
import type { Enforce } from './iam/enforcement';
import type { Caller } from './iam/identities';
import { isRead, type Operations } from './operations';
import type { Execute } from './protocol/dispatch';
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
  readonly callerOf: (accessKeyId: string) => Caller;
  readonly enforce: Enforce;
  readonly faults: CallFaults;
  readonly staleState: StaleState;
}

export function executor(execution: Execution): Execute {
  const { services, store, calls, record, callerOf, enforce, faults, staleState } = execution;
  const present = services(store.state);
  return async (call) => {
    const name = `${call.model.name}:${call.operation}`;
    const operation = present[call.model.name]?.[call.operation];
    if (operation === undefined) throw new Error(`There is no ${name}.`);
    calls[name] = (calls[name] ?? 0) + 1;
    record(name, call.userAgent);
    await faults.before(name);
    const caller = callerOf(call.accessKeyId);
    enforce(call, caller);
    const stale = isRead(call.operation) ? staleState(name) : undefined;
    if (stale !== undefined)
      return await services(stale)[call.model.name]?.[call.operation]?.(call.input as never, caller);
    try {
      return await operation(call.input as never, caller);
    } finally {
      if (!isRead(call.operation)) store.changed();
      await store.saved();
      faults.after(name);
    }
  };
}
