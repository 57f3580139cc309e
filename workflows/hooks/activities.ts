/** The activities as hook calls use them: limited by the platform's clock, and by nothing else. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { BuilderActivities } from '../../activities/builders/index';
import type { FileActivities } from '../../activities/files/index';
import type { HookActivities } from '../../activities/hooks/index';
import type { PlatformClock } from '../../planning/platform-clock';
import { taskQueues, writeLeaseMs } from '../../contract/ids';

const retry = { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '5s' } as const;
const waiting = {
  heartbeatTimeout: writeLeaseMs,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry,
} as const;

/** Used before the clock is known: without the zone's settings nothing can be answered. */
export const clocks = proxyActivities<Pick<FileActivities, 'describeClock'>>({
  taskQueue: taskQueues.files,
  startToCloseTimeout: '15s',
  scheduleToCloseTimeout: '24h',
  retry,
});

/** `undefined` when nobody reads an answer any more. A folder that is back after an outage is written to within a few seconds. */
export function answersUntil({ waitsUntil }: PlatformClock): Pick<FileActivities, 'writeAnswer'> | undefined {
  const leftMs = Date.parse(waitsUntil) - Date.now();
  if (leftMs <= 0) return undefined;
  return proxyActivities<Pick<FileActivities, 'writeAnswer'>>({
    taskQueue: taskQueues.files,
    startToCloseTimeout: '1m',
    scheduleToCloseTimeout: leftMs,
    heartbeatTimeout: writeLeaseMs,
    retry: { ...retry, maximumInterval: '3s' },
  });
}

/** @param until ISO 8601; `null` for as long as it takes */
export function hookActivitiesUntil(
  until: string | null,
): Pick<HookActivities, 'planOperation' | 'prepareRelease' | 'describeBuilt'> {
  return proxyActivities<HookActivities>({ ...waiting, taskQueue: taskQueues.aws, ...limits(until) });
}

/**
 * Asks for a turn, which is answered at once: also a little later, that it is too late.
 * @param until when it must have it, ISO 8601; `null` for as long as it takes
 */
export function enterUntil(until: string | null): Pick<HookActivities, 'enterTurns'> {
  const startToCloseTimeout = '10s';
  const scheduleToCloseTimeout = until === null ? '7d' : Math.max(0, Date.parse(until) - Date.now()) + 30_000;
  return proxyActivities<Pick<HookActivities, 'enterTurns'>>({
    taskQueue: taskQueues.aws,
    startToCloseTimeout,
    scheduleToCloseTimeout,
    retry,
  });
}

/** @param until when the platform must have its answer, ISO 8601 */
export function deploymentsUntil(until: string): Pick<HookActivities, 'isForward'> {
  const { scheduleToCloseTimeout } = { scheduleToCloseTimeout: 0, ...limits(until) };
  return proxyActivities<Pick<HookActivities, 'isForward'>>({
    taskQueue: taskQueues.aws,
    startToCloseTimeout: '10s',
    scheduleToCloseTimeout,
    retry,
  });
}

/** For as long as it takes: the wait itself knows when it is too late. */
export const earlierTurns = proxyActivities<Pick<HookActivities, 'waitForTurn'>>({
  ...waiting,
  taskQueue: taskQueues.waits,
  heartbeatTimeout: '6s',
  ...limits(null),
});

/** @param until when the platform must have its answer, ISO 8601 */
export function buildersUntil(until: string): BuilderActivities {
  return proxyActivities<BuilderActivities>({ ...waiting, taskQueue: taskQueues.builds, ...limits(until) });
}

/** One second at least, so that what is late fails as late and not as a wrong option. */
function limits(until: string | null) {
  if (until === null) return { startToCloseTimeout: '7d' } as const;
  const leftMs = Math.max(1_000, Date.parse(until) - Date.now());
  return { startToCloseTimeout: leftMs, scheduleToCloseTimeout: leftMs } as const;
}
