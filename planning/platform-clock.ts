/** The platform's clock: until when it reads an answer to a call, and what has to happen before. */
import { formatDuration } from '../settings/durations';
import type { ResolvedRunbookOptions } from '../settings/runbook';
import { Refusal } from './refusal';

/** Points in time, ISO 8601, in this order. */
export interface PlatformClock {
  readonly calledAt: string;
  /** Until then a runbook goes forward; the margin behind it is for a rollback and its answer. */
  readonly deadline: string;
  /** By then there is an answer, whatever the runbook does. */
  readonly answerBy: string;
  /** The platform reads no answer that comes later. */
  readonly waitsUntil: string;
}

const longestMarginMs = 2 * 60_000;
/** Rolling back and writing an answer take their time on a busy machine, however short the platform's patience is. */
const shortestMarginMs = 30_000;

/** @param calledAtMs milliseconds since the epoch */
export function planClock(calledAtMs: number, platformTimeoutMs: number): PlatformClock {
  const wantedMs = Math.max(platformTimeoutMs / 10, Math.min(shortestMarginMs, platformTimeoutMs / 4));
  const marginMs = Math.min(longestMarginMs, Math.round(wantedMs));
  const at = (afterMs: number) => new Date(calledAtMs + afterMs).toISOString();
  return {
    calledAt: at(0),
    deadline: at(platformTimeoutMs - marginMs),
    answerBy: at(platformTimeoutMs - Math.round(marginMs / 3)),
    waitsUntil: at(platformTimeoutMs),
  };
}

/** @throws {Refusal} when the times that the settings want can't pass before the platform gives up */
export function refuseTimes(
  { settle, shift, bake }: ResolvedRunbookOptions,
  { calledAt, deadline }: PlatformClock,
  commits: 'afterBake' | 'afterProof',
): void {
  const steps = shift.reduce((sum, step) => sum + settle + (step.bake ?? 0), 0);
  const wantedMs = steps + (commits === 'afterBake' ? bake : 0);
  const givenMs = Date.parse(deadline) - Date.parse(calledAt);
  if (wantedMs < givenMs) return;
  throw new Refusal(
    `Settling and baking alone take ${formatDuration(wantedMs)}, and of the platform's time ${formatDuration(givenMs)} are for them: shorten "settle", "shift" or "bake" in the settings, or raise the platform's External Deployment Tool Timeout and "platformTimeout".`,
  );
}
