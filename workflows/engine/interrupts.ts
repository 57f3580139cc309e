/**
 * How a command reaches a step that is under way. A command interrupts waits, never writes: the step's activities are asked to
 * cancel, writes complete, and what was commanded is looked at after every await.
 */
import { CancellationScope } from '@temporalio/workflow';
import type { CommandInput } from '../../contract/commands';
import { wantsRollback, type RunbookState } from './state';

/** Why the deployment turns back; thrown by steps, caught by `withRollback`, and never leaves the workflow. */
export class TurnBack extends Error {
  constructor(readonly reason: string) {
    super(reason);
  }
}

export interface Interrupts {
  /** Runs an action whose waits can be ended. */
  readonly run: <T>(action: () => Promise<T>) => Promise<T>;
  /** Ends the waits of everything that runs now. */
  readonly interrupt: () => void;
}

export function createInterrupts(): Interrupts {
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

/** Wants the deployment rolled back, as the command `rollback` does. */
export function requestRollback(state: RunbookState, interrupts: Interrupts, input: CommandInput): void {
  state.accepted = { name: 'rollback', ...input };
  interrupts.interrupt();
}

/** @throws {TurnBack} when the way back is wanted, with who wants it and why */
export function turnBackIfWanted(state: RunbookState): void {
  if (!wantsRollback(state) || !state.accepted) return;
  const { name, by, reason } = state.accepted;
  const verb = name === 'reject' ? 'Rejected' : 'Rolled back';
  throw new TurnBack(`${verb} by ${by ?? 'an operator'}${reason === undefined ? '.' : `: ${reason}`}`);
}
