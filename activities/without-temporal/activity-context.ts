/** Runs activities where no Temporal is: they find the context that they are written for, and what fails for now is tried again. */
import { ApplicationFailure, asyncLocalStorage, Context, type Info } from '@temporalio/activity';
import { noopMetricMeter, type Logger } from '@temporalio/common';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whose writes they are. */
export interface Caller {
  readonly workflowId: string;
  readonly runId: string;
  /** Hears how far a wait is. */
  readonly report: (progress: string) => void;
}

/** For so long what fails in passing is tried again, as Temporal would. */
const patienceMs = 10 * 60_000;

/** Runs one activity. @throws {ApplicationFailure} the activity's own, once trying again can't help or didn't for 10 minutes */
export async function runActivity<T>(caller: Caller, activity: () => Promise<T>): Promise<T> {
  const scheduled = Date.now();
  for (let attempt = 1; ; attempt++) {
    try {
      return await asyncLocalStorage.run(contextOf(caller, attempt, scheduled), activity);
    } catch (error) {
      const passes = error instanceof ApplicationFailure && error.nonRetryable !== true;
      if (!passes || Date.now() - scheduled > patienceMs) throw error;
      caller.report(`${error.message} It is tried again.`);
      await sleep(2_000);
    }
  }
}

/** Nothing cancels it, its heartbeats are progress, and no time-out ends it. */
function contextOf({ workflowId, runId, report }: Caller, attempt: number, scheduled: number): Context {
  const info: Info = {
    attempt,
    taskQueue: '',
    isLocal: false,
    taskToken: new Uint8Array(),
    base64TaskToken: '',
    activityId: runId,
    activityType: '',
    activityNamespace: '',
    namespace: '',
    inWorkflow: true,
    workflowExecution: { workflowId, runId },
    scheduledTimestampMs: scheduled,
    currentAttemptScheduledTimestampMs: Date.now(),
    startToCloseTimeoutMs: 0,
    scheduleToCloseTimeoutMs: 0,
    heartbeatDetails: undefined,
  };
  let latest: unknown;
  const heartbeat = (progress?: unknown) => {
    if (typeof progress === 'string' && progress !== latest) report(progress);
    latest = progress;
  };
  const never = new Promise<never>(() => undefined);
  return new Context(info, never, new AbortController().signal, heartbeat, undefined, silent, noopMetricMeter, {});
}

const silent: Logger = {
  log: () => undefined,
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
