/**
 * Runs the operations of all services: counts the calls, lets the faults strike that are asked for, and lets an answer out
 * only after what it says is stored.
 */
import type { CallFaults } from './faults/call-faults';
import type { StaleState } from './faults/stale-reads';
import { isRead, type Operations } from './operations';
import type { Execute } from './protocol/dispatch';
import type { AwsState } from './state';
import type { Store } from './store';

/** Calls since the start, by `service:Operation`; those that a fault kept from having an effect too. */
export type CallCounts = Record<string, number>;

export interface Execution {
  /** The operations of every service, over a state: the present one, or an older one for a stale read. */
  readonly services: (state: AwsState) => Readonly<Record<string, Operations>>;
  readonly store: Store;
  readonly calls: CallCounts;
  /** Told of every call. */
  readonly record: (operation: string, userAgent: string) => void;
  readonly faults: CallFaults;
  readonly staleState: StaleState;
}

export function executor({ services, store, calls, record, faults, staleState }: Execution): Execute {
  const present = services(store.state);
  return async (call) => {
    const name = `${call.model.name}:${call.operation}`;
    const operation = present[call.model.name]?.[call.operation];
    if (operation === undefined) throw new Error(`There is no ${name}.`);
    calls[name] = (calls[name] ?? 0) + 1;
    record(name, call.userAgent);
    await faults.before(name);
    const stale = isRead(call.operation) ? staleState(name) : undefined;
    if (stale !== undefined) return await services(stale)[call.model.name]?.[call.operation]?.(call.input as never);
    try {
      return await operation(call.input as never);
    } finally {
      if (!isRead(call.operation)) store.changed();
      await store.saved();
      faults.after(name);
    }
  };
}
