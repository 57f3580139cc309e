/** Asks the queue of a zone for a call's turn. Who stands where is decided there: workflows/turns. */
import { Context } from '@temporalio/activity';
import type { Entering, Entrant, TurnAnswer, TurnTaken, WorkflowRun } from '../../contract/turns';
import { poll } from '../polling';

/** What Temporal knows of the platform's calls and of deployments, each asked for by its ID. */
export interface HookCallDirectory {
  /** Asks the queue of a zone, which begins with its first call. */
  readonly enter: (zone: string, entering: Entering) => Promise<TurnAnswer>;
  /** The run of this deployment that goes on; `undefined` when none does. */
  readonly deployment: (workflowId: string) => Promise<{ readonly runId: string } | undefined>;
  readonly isRunning: (run: WorkflowRun) => Promise<boolean>;
  /** Whether this deployment goes back no more, as it says itself. @throws {Error} when nobody answers for it */
  readonly isForward: (run: WorkflowRun) => Promise<boolean>;
  /** How a workflow ended: `undefined` while it runs. Without a result when it did not complete, or never was. */
  readonly ended: (workflowId: string) => Promise<{ readonly result?: unknown } | undefined>;
}

/** Effect: the call is in the queue, or no longer when it is told that it will have no turn. */
export async function enterTurns(directory: HookCallDirectory, zone: string, entrant: Entrant): Promise<TurnAnswer> {
  const deployment = await directory.deployment(entrant.lock);
  return await directory.enter(zone, { ...entrant, deployment: deployment?.runId ?? null });
}

/** What a call waits for that waits in an activity. */
export interface EarlierTurn extends Pick<Entrant, 'lock' | 'atOnce' | 'until'> {
  readonly zone: string;
  /** The call itself, and when it started: milliseconds since the epoch. */
  readonly operation: { readonly workflowId: string; readonly startedAt: number };
}

const askAgainMs = 2_000;

/** Returns when the call may start its deployment, or never will. */
export async function waitForTurn(directory: HookCallDirectory, turn: EarlierTurn): Promise<TurnTaken> {
  const { zone, operation, lock, atOnce, until } = turn;
  const { runId = '' } = Context.current().info.workflowExecution ?? {};
  const { workflowId } = operation;
  const startedAt = new Date(operation.startedAt).toISOString();
  return await poll(
    async (report) => {
      const answer = await enterTurns(directory, zone, { workflowId, runId, startedAt, lock, atOnce, until });
      if (answer.turn !== 'waits') return answer;
      report(answer.why);
      return undefined;
    },
    { everyMs: askAgainMs },
  );
}
