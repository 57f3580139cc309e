/**
 * The mechanism that gives every step of every runbook the same powers: it shows in the status, an operator can pause before
 * it, and when it fails for a reason that retries can't mend the deployment holds, until retry or rollback.
 *
 * A command interrupts waits, never writes: a step's activities are asked to cancel, writes complete, and the wish is looked
 * at after every await.
 */
import {
  CancellationScope,
  condition,
  isCancellation,
  setCurrentDetails,
  upsertSearchAttributes,
} from '@temporalio/workflow';
import { detailsOf } from '../text/ui-details';
import { failedInPassing, stepFailure, type StepFailure } from './failures';
import { countHold, measurePhase } from './metrics';
import { searchAttributes } from '../../contract/ids';
import type { Dossier, Phase } from '../../contract/status';
import { committed, statusOf, type RunbookState } from './state';
import { formatDuration } from '../../settings/durations';
import type { ResolvedRunbookOptions } from '../../settings/runbook';

/** Why the deployment turns back; thrown by steps, caught by `restoring`, and never leaves the workflow. */
export class TurnBack extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

export interface Steps {
  /** Runs one step; a failure holds it until somebody says how to go on. */
  step: <T>(phase: Phase, action: () => Promise<T>) => Promise<T>;
  /** Asks for an approval, unless the deployment wants none at this moment. */
  approval: (when: 'beforeStart' | 'afterVerify') => Promise<void>;
  /** Lets time pass while something is watched; `promote` ends this bake and those that would follow. */
  rest: (phase: Phase, durationMs: number, watch: () => Promise<void>) => Promise<void>;
  /** Does the forward part; when it turns back, restores. Tells whether it went forward. */
  restoring: (forward: () => Promise<void>, restore: () => Promise<void>) => Promise<boolean>;
  /** Shows a change of the state that no step made. */
  show: () => void;
}

type StepOptions = Pick<ResolvedRunbookOptions, 'approval' | 'approvalTimeout' | 'holdTimeout' | 'onFailure'>;

/**
 * @param options read when needed: the plan resolves them in the first step
 * @param entered called at every phase
 */
export function deploymentSteps(
  state: RunbookState,
  options: () => StepOptions,
  interrupts: Interrupts,
  investigate: (phase: Phase, failure: string) => Promise<Dossier>,
  entered: () => void,
): Steps {
  const show = () => setCurrentDetails(detailsOf(statusOf(state)));

  const enter = (phase: Phase) => {
    state.phase = phase;
    state.heldIn = null;
    state.steps.push({ phase, started: Date.now(), ended: null, done: false });
    upsertSearchAttributes([{ key: searchAttributes.phase, value: phase }]);
    entered();
    show();
  };

  /** A hold is done however people answer it. */
  const leave = (done: boolean) => {
    const last = state.steps.at(-1);
    if (last && last.ended === null) {
      last.ended = Date.now();
      last.done = done || last.phase === 'hold';
      measurePhase(state, last.phase, last.ended - last.started);
    }
    show();
  };

  /** Waits for a person, with a limit; tells whether somebody answered. */
  const answered = async (waiting: RunbookState['waiting'], fact: () => boolean, timeoutMs: number | null) => {
    state.waiting = waiting;
    show();
    const summary = `Wait for ${waiting?.for}${timeoutMs === null ? '' : `, ${formatDuration(timeoutMs)} at most`}`;
    const inTime = timeoutMs === null ? (await condition(fact), true) : await condition(fact, timeoutMs, { summary });
    state.waiting = null;
    show();
    return inTime;
  };

  const step: Steps['step'] = async (phase, action) => {
    for (;;) {
      await condition(() => !state.paused || wantsBack(state));
      turnBackIfWanted(state);
      enter(phase);
      let done = false;
      try {
        const result = await interrupts.run(action);
        turnBackIfWanted(state);
        done = true;
        return result;
      } catch (error) {
        turnBackIfWanted(state);
        const failure = stepFailure(error);
        if (error instanceof TurnBack || failure === undefined || failure.type === 'InvalidRequest') throw error;
        await hold(phase, failure);
      } finally {
        leave(done);
      }
    }
  };

  /** Returns when the step is to run again. */
  const hold = async (phase: Phase, failure: StepFailure) => {
    state.failure = failure.message;
    state.dossier = await investigate(phase, failure.message);
    turnBackIfWanted(state);
    const { onFailure, holdTimeout } = options();
    if (state.restorable && onFailure === 'rollback' && !failure.needsPeople && !committed(state))
      throw new TurnBack(failure.message);
    leave(false);
    enter('hold');
    state.heldIn = phase;
    countHold(state, phase, failure.type);
    const timeoutMs = state.rollingBack || committed(state) ? null : holdTimeout;
    const until = timeoutMs === null ? null : Date.now() + timeoutMs;
    const told = () => state.accepted?.name === 'retry' || wantsBack(state);
    const inTime = await answered({ for: 'retry', until }, told, timeoutMs);
    turnBackIfWanted(state);
    if (!inTime) throw new TurnBack(`${failure.message} Nobody retried or rolled back in time.`);
    state.accepted = null;
    state.failure = null;
  };

  const approval: Steps['approval'] = async (when) => {
    const { approval: wanted, approvalTimeout } = options();
    if (wanted !== when) return;
    await condition(() => !state.paused || wantsBack(state));
    turnBackIfWanted(state);
    enter('approve');
    const until = Date.now() + approvalTimeout;
    const inTime = await answered({ for: 'approval', until }, () => state.accepted !== null, approvalTimeout);
    leave(inTime && !wantsBack(state));
    turnBackIfWanted(state);
    if (!inTime) throw new TurnBack('Nobody approved in time.');
    const { by = null, reason = null } = state.accepted ?? {};
    state.approved = { by, reason, at: new Date().toISOString() };
    state.accepted = null;
  };

  const rest: Steps['rest'] = async (phase, durationMs, watch) => {
    // Only a bake can be cut short: what hasn't settled isn't everywhere yet.
    const over = () => phase === 'bake' && state.promoted;
    if (over()) return;
    await step(phase, async () => {
      if (phase === 'bake') state.waiting = { for: 'bake', until: Date.now() + durationMs };
      show();
      const summary = `${phase === 'settle' ? 'Settle' : 'Bake'} for ${formatDuration(durationMs)}`;
      try {
        await watching(watch, () => condition(over, durationMs, { summary }));
      } finally {
        state.waiting = null;
      }
    });
  };

  const restoring: Steps['restoring'] = async (forward, restore) => {
    state.restorable = true;
    try {
      await forward();
      return true;
    } catch (error) {
      if (!(error instanceof TurnBack)) throw error;
      state.failure = error.reason;
      state.rollingBack = true;
      state.restorable = false;
      state.accepted = null;
      state.paused = false;
      await step('rollBack', restore);
      state.failure = error.reason;
      return false;
    } finally {
      state.restorable = false;
    }
  };

  return { step, approval, rest, restoring, show };
}

/** Whether somebody asked for the way back while there still is one. */
export const wantsBack = ({ accepted, restorable }: RunbookState) =>
  restorable && (accepted?.name === 'rollback' || accepted?.name === 'reject');

function turnBackIfWanted(state: RunbookState): void {
  if (!wantsBack(state) || !state.accepted) return;
  const { name, by, reason } = state.accepted;
  const verb = name === 'reject' ? 'Rejected' : 'Rolled back';
  throw new TurnBack(`${verb} by ${by ?? 'an operator'}${reason === undefined ? '.' : `: ${reason}`}`);
}

/** Runs actions so that a command can end their waits. */
export interface Interrupts {
  run: <T>(action: () => Promise<T>) => Promise<T>;
  interrupt: () => void;
}

export function interruptible(): Interrupts {
  const scopes = new Set<CancellationScope>();
  return {
    async run(action) {
      const scope = new CancellationScope();
      scopes.add(scope);
      try {
        return await scope.run(action);
      } finally {
        scopes.delete(scope);
      }
    },
    interrupt: () => scopes.forEach((scope) => scope.cancel()),
  };
}

/** Watches nothing: for waits in which nothing can go wrong. */
export const untilCancelled = (): Promise<never> => CancellationScope.current().cancelRequested;

/** Waits for `ended` while `watch` may fail; the watch is over when this returns. */
async function watching(watch: () => Promise<void>, ended: () => Promise<unknown>): Promise<void> {
  const scope = new CancellationScope();
  const watched = scope.run(watch);
  try {
    await Promise.race([watched, ended()]);
  } finally {
    scope.cancel();
    // What fails in passing while the watch is being cancelled isn't tried again any more: that is no sign of trouble either.
    await watched.catch((error: unknown) => {
      if (!isCancellation(error) && !failedInPassing(error)) throw error;
    });
  }
}
