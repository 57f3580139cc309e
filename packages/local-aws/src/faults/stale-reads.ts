/**
 * Eventual consistency: while a fault of this kind is set, the states that were stored are remembered, and a read is answered
 * from an older one.
 */
import type { AwsState } from '../state';
import type { Store } from '../store';
import { matchesOperation, strikes, type Faults } from './faults';

interface Moment {
  readonly at: number;
  /** The state as JSON. */
  readonly text: string;
}

/** Gives the older state from which a read is answered; undefined for the present one. */
export type StaleState = (operation: string) => AwsState | undefined;

export function createStaleReads(faults: Faults, store: Store, now: () => number): StaleState {
  let moments: Moment[] = [];
  const isWanted = (): boolean => faults.of('staleReads').length > 0;
  faults.onChange(() => {
    if (!isWanted()) moments = [];
    else if (moments.length === 0) moments = [{ at: now(), text: JSON.stringify(store.state) }];
  });
  store.onWrite((text) => {
    if (!isWanted()) return;
    const longestMs = Math.max(...faults.of('staleReads').map(({ fault }) => fault.staleMs));
    const last = moments.findLastIndex(({ at }) => at <= now() - longestMs);
    moments = [...moments.slice(Math.max(0, last)), { at: now(), text }];
  });
  return (operation) => {
    const active = faults.of('staleReads').find(({ fault }) => matchesOperation(fault.operation, operation));
    if (active === undefined || !strikes(active)) return undefined;
    const before = now() - active.fault.staleMs;
    const moment = moments.findLast(({ at }) => at <= before) ?? moments[0];
    return moment === undefined ? undefined : (JSON.parse(moment.text) as AwsState);
  };
}
