/**
 * Whose turn it is. An operation that deploys waits for the application's running deployment and for older operations, at most
 * so many go at once in a zone, and an older one gives way to a newer one of the same application.
 *
 * Everything is told from Temporal itself: there is no list that could be wrong.
 */
import { parseHookCallId, type HookMethod } from '../../contract/hook-calls';

/** An operation that runs. */
export interface RunningCall {
  readonly workflowId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** What Temporal tells of operations and deployments. */
export interface HookCallDirectory {
  /** The operations of a zone that deploy, and that haven't ended. */
  readonly running: (zone: string) => Promise<readonly RunningCall[]>;
  /** The run of this deployment that goes on; `undefined` when none does. */
  readonly deployment: (workflowId: string) => Promise<{ readonly runId: string } | undefined>;
  /** Asks a deployment to give way; it decides whether it does. */
  readonly supersede: (workflowId: string, runId: string, by: string) => Promise<void>;
  /** The result of a workflow that completed; `undefined` for any other. */
  readonly result: (workflowId: string) => Promise<unknown>;
}

/** What an operation waits for. */
export interface Turn {
  readonly zone: string;
  readonly operation: RunningCall;
  /** The workflow ID of the deployment that it wants to start. */
  readonly lock: string;
  readonly atOnce: number;
  /** ISO 8601; `null` to wait as long as it takes. */
  readonly until: string | null;
}

export type TurnTaken =
  | { readonly turn: 'taken' }
  /** A newer operation of the application is there. */
  | { readonly turn: 'superseded'; readonly by: string }
  /** The time is up; why it had to wait, a sentence. */
  | { readonly turn: 'late'; readonly why: string };

type Standing = TurnTaken | { readonly turn: 'waits'; readonly why: string; readonly supersedes: boolean };

/** Where an operation stands among the others. Pure. @param deploys whether a deployment of the application runs */
export function standingOf(turn: Turn, running: readonly RunningCall[], deploys: boolean, now: number): Standing {
  const own = running.find(({ workflowId }) => workflowId === turn.operation.workflowId) ?? turn.operation;
  const others = running.filter(({ workflowId }) => workflowId !== own.workflowId);
  const newer = others.find((other) => isOlder(own, other) && givesWay(own, other));
  if (newer) return { turn: 'superseded', by: formatCall(newer) };
  const older = others.filter((other) => isOlder(other, own));
  const before = older.find((other) => applicationOf(other) === applicationOf(own));
  const ahead = new Set(older.map(applicationOf));
  const why = deploys
    ? `the deployment ${turn.lock} runs`
    : before
      ? `${formatCall(before)} is not over`
      : ahead.size >= turn.atOnce
        ? `${ahead.size} other applications of the zone are being deployed, and deploymentsAtOnce is ${turn.atOnce}`
        : undefined;
  if (why === undefined) return { turn: 'taken' };
  if (turn.until !== null && now >= Date.parse(turn.until)) return { turn: 'late', why };
  return { turn: 'waits', why, supersedes: deploys && supersedes(own) };
}

const isOlder = (one: RunningCall, other: RunningCall) =>
  one.startedAt < other.startedAt || (one.startedAt === other.startedAt && one.workflowId < other.workflowId);

const applicationOf = ({ workflowId }: RunningCall) => parseHookCallId(workflowId)?.applicationKey ?? workflowId;

/** A publish or a removal takes the place of whatever was to come before it; a configuration only of another configuration. */
const superseding: Readonly<Record<HookMethod, readonly HookMethod[]>> = {
  ContainerBuild: [],
  ContainerRun: ['ContainerRun', 'UpdateConfigurations', 'ContainerRemove'],
  ContainerRemove: ['ContainerRun', 'UpdateConfigurations'],
  UpdateConfigurations: ['UpdateConfigurations'],
};

/** The calls of one publish bear the same operation: none of them takes another's place. */
function givesWay(older: RunningCall, newer: RunningCall): boolean {
  const [before, after] = [parseHookCallId(older.workflowId), parseHookCallId(newer.workflowId)];
  if (!before || !after || before.applicationKey !== after.applicationKey) return false;
  return before.operationId !== after.operationId && superseding[after.method].includes(before.method);
}

const supersedes = ({ workflowId }: RunningCall): boolean =>
  superseding[parseHookCallId(workflowId)?.method ?? 'ContainerBuild'].includes('ContainerRun');

export function formatCall({ workflowId }: RunningCall): string {
  const operation = parseHookCallId(workflowId);
  return operation ? `${operation.method} of operation ${operation.operationId}` : workflowId;
}
