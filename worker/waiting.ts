/**
 * Gauges of what waits for people. Temporal counts: a few searches a minute, however many deployments there are. Every worker that
 * takes workflows measures the same, so that none has to be the one.
 */
import type { Connection } from '@temporalio/client';
import type { MetricMeter } from '@temporalio/common';
import { searchAttributes, waitsFor } from '../contract/ids';

const lookEveryMs = 60_000;
/** What ends so soon is near its deadline. */
const nearMs = 3_600_000;

export interface WaitingOptions {
  readonly connection: Connection;
  readonly namespace: string;
  readonly meter: MetricMeter;
}

/** Counts now and every minute, until it is closed; where a count fails, the one before stands. */
export function measureWaiting(options: WaitingOptions): { close(): void } {
  const { meter } = options;
  const waiting = meter.createGauge('cutover_waiting', 'int', 'workflow', 'Deployments that wait for people.');
  const near = meter.createGauge(
    'cutover_waiting_near_deadline',
    'int',
    'workflow',
    'Of those, what goes on or back by itself within an hour.',
  );
  const look = async (): Promise<void> => {
    for (const what of waitsFor) waiting.set(await count(options, waitingQuery(what)), { waits_for: what });
    near.set(await count(options, nearQuery(Date.now())));
  };
  const attempt = () => void look().catch(() => undefined);
  attempt();
  const timer = setInterval(attempt, lookEveryMs);
  return { close: () => clearInterval(timer) };
}

/** What waits for this, as Temporal's visibility is searched. */
export const waitingQuery = (what: (typeof waitsFor)[number]) =>
  `ExecutionStatus = "Running" AND ${searchAttributes.waitsFor.name} = "${what}"`;

export const nearQuery = (now: number) =>
  `ExecutionStatus = "Running" AND ${searchAttributes.waitsFor.name} IS NOT NULL AND ${searchAttributes.deadline.name} < "${new Date(now + nearMs).toISOString()}"`;

async function count({ connection, namespace }: WaitingOptions, query: string): Promise<number> {
  const answer = await connection.workflowService.countWorkflowExecutions({ namespace, query });
  return Number(answer.count);
}
