/** LifeTime as a staging asks it: one try each, for who asks again must know what became of the last one, and tells that it does. */
import { condition, proxyActivities } from '@temporalio/workflow';
import type { LifeTimeActivities } from '../../activities/lifetime/index';
import { taskQueues } from '../../contract/ids';
import { stepFailure } from '../engine/failures';
import type { Staging } from './state';

const common = { taskQueue: taskQueues.waits, retry: { maximumAttempts: 1 } } as const;

export const lifeTime = proxyActivities<Omit<LifeTimeActivities, 'watchStaging'>>({
  ...common,
  startToCloseTimeout: '2m',
  scheduleToCloseTimeout: '10m',
});

export const watching = proxyActivities<Pick<LifeTimeActivities, 'watchStaging'>>({
  ...common,
  startToCloseTimeout: '1h',
  scheduleToCloseTimeout: '2h',
  heartbeatTimeout: '20s',
});

const longestPauseMs = 30_000;
/** A token that isn't there is put there. */
const passing: readonly string[] = ['LifeTimeAway', 'Timeout', 'SecretMissing'];

/**
 * Asks until there is an answer, and shows why there is none.
 * @param call is told whether it was tried before
 * @param isInVain ends the asking
 * @throws {unknown} the last failure, for good or once LifeTime has been away for too long
 */
export async function askedUntilAnswered<T>(
  staging: Staging,
  call: (again: boolean) => Promise<T>,
  isInVain: () => boolean = () => false,
): Promise<T> {
  const until = Date.now() + staging.state.patienceMs;
  for (let pauseMs = 1_000, again = false; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs), again = true) {
    try {
      const answer = await call(again);
      staging.show({ away: null });
      return answer;
    } catch (error) {
      const failure = stepFailure(error);
      if (!failure || !passing.includes(failure.type) || isInVain() || Date.now() >= until) throw error;
      staging.show({ away: failure.message });
      await condition(isInVain, pauseMs, { summary: "LifeTime doesn't answer, and is asked again" });
    }
  }
}
