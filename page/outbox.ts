/**
 * What is yet to be told to one who looks: of each kind only the newest, for each is whole. However slowly somebody reads, it does not
 * grow.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export interface Outbox {
  readonly put: (kind: string, value: unknown) => void;
  /** Takes all that waits, oldest first, once there is anything. @returns nothing after so long, and at the signal's end */
  readonly take: (atMostMs: number, signal: AbortSignal) => Promise<ReadonlyMap<string, unknown>>;
}

export function openOutbox(): Outbox {
  let waiting = new Map<string, unknown>();
  let arrived = new AbortController();
  return {
    put: (kind, value) => {
      waiting.delete(kind);
      waiting.set(kind, value);
      arrived.abort();
    },
    take: async (atMostMs, signal) => {
      const any = AbortSignal.any([arrived.signal, signal]);
      await sleep(atMostMs, undefined, { signal: any }).catch(() => undefined);
      const taken = waiting;
      waiting = new Map();
      arrived = new AbortController();
      return taken;
    },
  };
}
