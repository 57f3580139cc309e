/**
 * How many workers share AWS's rates, which are one account's. Counted are those that poll Temporal for activities that call AWS,
 * so that no setting has to give their number.
 */
import type { Connection } from '@temporalio/client';
import { pollersOf, recentPollers, type Poller } from '../temporal/pollers';

export interface Fleet {
  /** At least this worker itself. */
  readonly size: () => number;
  /** Whether Temporal answered a count in the last two minutes. */
  readonly isConnected: () => boolean;
  close(): void;
}

export interface FleetOptions {
  readonly namespace: string;
  /** Those of the workers that call AWS. */
  readonly taskQueues: readonly string[];
  /** This worker's identity in Temporal. */
  readonly identity: string;
}

const lookEveryMs = 15_000;
/** Eight counts in a row that nobody answered. */
const lostAfterMs = 120_000;

/** Counts now and again and again; when a count fails, the one before holds. */
export async function watchFleet(connection: Connection, options: FleetOptions): Promise<Fleet> {
  let size = 1;
  let answered = performance.now();
  const look = async (): Promise<void> => {
    const { namespace, identity } = options;
    const pollers = await Promise.all(options.taskQueues.map((name) => pollersOf({ connection, namespace }, name)));
    size = countWorkers(pollers.flat(), identity, Date.now());
    answered = performance.now();
  };
  const attempt = (): Promise<void> => look().catch(() => undefined);
  await attempt();
  const timer = setInterval(() => void attempt(), lookEveryMs);
  const isConnected = () => performance.now() - answered < lostAfterMs;
  return { size: () => size, isConnected, close: () => clearInterval(timer) };
}

/** This worker, and every other one that polled lately. */
export function countWorkers(
  pollers: readonly Pick<Poller, 'identity' | 'lastAccessTime'>[],
  identity: string,
  nowMs: number,
): number {
  return new Set([identity, ...recentPollers(pollers, nowMs).map((poller) => poller.identity ?? '')]).size;
}
