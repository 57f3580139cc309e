/**
 * Waits for a call's turn. Everything is read from Temporal itself: there is no list of calls that could be wrong. What follows
 * from it is planned in planning/plans/turns.ts.
 */
import { formatCall, standingOf, type RunningCall, type TurnTaken } from '../../planning/plans/turns';
import { parseHookCallId } from '../../contract/hook-calls';
import { poll } from '../polling';

/** A workflow that answers a call of the platform. */
export interface RunningWorkflow {
  readonly workflowId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What Temporal knows of the platform's calls and of deployments. */
export interface HookCallDirectory {
  /** The calls of a zone that deploy, and that aren't over. */
  readonly running: (zone: string) => Promise<readonly RunningWorkflow[]>;
  /** The run of this deployment that goes on; `undefined` when none does. */
  readonly deployment: (workflowId: string) => Promise<{ readonly runId: string } | undefined>;
  /** Asks a deployment to give way; it decides whether it does. */
  readonly supersede: (workflowId: string, runId: string, by: string) => Promise<void>;
  /** The result of a workflow that completed; `undefined` for any other. */
  readonly result: (workflowId: string) => Promise<unknown>;
}

/** What a call waits for. */
export interface Turn {
  readonly zone: string;
  /** The call itself. */
  readonly operation: RunningWorkflow;
  /** The workflow ID of the deployment that it wants to start. */
  readonly lock: string;
  readonly atOnce: number;
  /** ISO 8601; `null` to wait as long as it takes. */
  readonly until: string | null;
}

const lookEveryMs = 500;
/** A call that was started this moment may not be listed yet: only one that stands first twice goes. */
const looksNeeded = 2;

/** Returns when the call may start its deployment, or never will. */
export async function waitForTurn(directory: HookCallDirectory, turn: Turn): Promise<TurnTaken> {
  const { zone, lock, atOnce, until } = turn;
  const call = runningCall(turn.operation);
  const asked = new Set<string>();
  let looks = 0;
  return await poll(
    async (report) => {
      const running = (await directory.running(zone)).map(runningCall);
      const deployment = await directory.deployment(lock);
      const standing = standingOf({ call, lock, atOnce, until }, running, deployment !== undefined, Date.now());
      if (standing.turn === 'taken') return ++looks >= looksNeeded ? standing : undefined;
      looks = 0;
      if (standing.turn !== 'waits') return standing;
      report(standing.why);
      if (standing.supersedes && deployment && !asked.has(deployment.runId)) {
        await directory.supersede(lock, deployment.runId, formatCall(call));
        asked.add(deployment.runId);
      }
      return undefined;
    },
    { everyMs: lookEveryMs },
  );
}

function runningCall(workflow: RunningWorkflow): RunningCall {
  const named = parseHookCallId(workflow.workflowId);
  if (named) return { ...workflow, ...named };
  // People may start one under any ID: it counts as an application of its own, and takes nobody's place.
  return { ...workflow, method: 'ContainerBuild', applicationKey: workflow.workflowId, operationId: null };
}
