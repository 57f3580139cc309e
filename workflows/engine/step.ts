/**
 * What every step of every runbook can do: it shows in the status, an operator can pause before it, and when it fails for a
 * reason that retries can't mend, the deployment holds until retry or rollback.
 */
import { condition } from '@temporalio/workflow';
import type { Phase } from '../../contract/status';
import { enterPhase, leavePhase, type Execution } from './execution';
import { stepFailure } from './failures';
import { hold } from './hold';
import { TurnBack, turnBackIfWanted } from './interrupts';
import { wantsRollback } from './state';

/** What a step does, and what is done once for as long as it holds; that may fail. */
export interface Held<T> {
  readonly action: () => Promise<T>;
  readonly whileHeld?: (() => Promise<void>) | undefined;
}

/**
 * Runs one step, again and again until it succeeds.
 * @throws {TurnBack} when the deployment is to go back
 * @throws {ActivityFailure} of type `InvalidRequest` as it is: no person can mend a wrong input
 */
export async function runStep<T>(execution: Execution, phase: Phase, { action, whileHeld }: Held<T>): Promise<T> {
  const { state, interrupts } = execution;
  for (;;) {
    await condition(() => !state.paused || wantsRollback(state));
    turnBackIfWanted(state);
    enterPhase(execution, phase);
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
      await hold(execution, phase, failure, whileHeld);
    } finally {
      leavePhase(execution, done);
    }
  }
}
