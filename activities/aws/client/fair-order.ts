/**
 * Which of the calls that wait for AWS's rates goes out next: those of a deployment that goes back, then what changes something,
 * then what looks; and among equals the steps of deployments, their watches, and people's questions in turn. So many bakes don't
 * keep a question waiting, nor many questions a deployment.
 *
 * Of watches and questions, which go on, the one is next that was let through longest ago. Steps are soon over: of them the one that
 * began first is next, and so finishes; first of all those of deployments whose users have begun to move. If all had their turns
 * alike, all would be late: a thousand plans that begin at once would each wait for every read until its patience ends, and begin
 * again with what they had read already.
 */
import { taskQueues } from '../../../contract/ids';
import { currentActivity } from '../../attempt';

export interface Caller {
  readonly kind: 'goesBack' | 'deployment' | 'watch' | 'question';
  /** Whose calls are let through in the order in which they came, e.g. a workflow ID. */
  readonly name: string;
  /** When it was first asked for, earlier attempts included, in milliseconds: of what is soon over. */
  readonly since?: number;
  /** Whether its users have begun to move. Default: no. */
  readonly isMoving?: boolean;
}

/** Of the current activity; what is asked for several of them at once belongs to none. */
export function callerNow(): Caller {
  const { info } = currentActivity() ?? {};
  const { priority, taskQueue, workflowExecution, activityId = '', startToCloseTimeoutMs = 0 } = info ?? {};
  const { priorityKey = 3 } = priority ?? {};
  const name = workflowExecution?.workflowId ?? activityId;
  // What it waits for, once it has gone back, is in no hurry.
  if (priorityKey === 1 && taskQueue?.startsWith(taskQueues.aws)) return { kind: 'goesBack', name };
  if (priorityKey > 3) return { kind: 'question', name };
  if (startToCloseTimeoutMs > soonOverMs) return { kind: 'watch', name };
  return { kind: 'deployment', name, isMoving: priorityKey === 2, ...(info && { since: info.scheduledTimestampMs }) };
}

/** Steps end within minutes, and what waits or watches within days: `workflows/activities.ts`. */
const soonOverMs = 600_000;

export interface Waiting {
  readonly isRead: boolean;
  readonly caller?: Caller;
}

const nobody: Caller = { kind: 'deployment', name: '' };

export interface FairOrder {
  /** The one that goes first; `undefined` of none. Those that came first stand first. */
  readonly first: <Call extends Waiting>(calls: readonly Call[]) => Call | undefined;
  /** That it was let through. */
  readonly took: (call: Waiting) => void;
  /** Nobody waits any more. */
  readonly forget: () => void;
}

export function fairOrder(): FairOrder {
  const lastTurns = new Map<string, number>();
  let turns = 0;
  const keysOf = ({ caller: { kind, name } = nobody }: Waiting) => [kind, `${kind} ${name}`] as const;
  const rankOf = (call: Waiting): readonly number[] => {
    const [kind, own] = keysOf(call);
    return [
      call.caller?.kind === 'goesBack' ? 0 : 1,
      call.isRead ? 1 : 0,
      lastTurns.get(kind) ?? 0,
      call.caller?.isMoving === true ? 0 : 1,
      call.caller?.since ?? lastTurns.get(own) ?? 0,
    ];
  };
  return {
    first: ([one, ...others]) => {
      let found = one && { call: one, rank: rankOf(one) };
      for (const call of others) {
        const rank = rankOf(call);
        if (found && isBefore(rank, found.rank)) found = { call, rank };
      }
      return found?.call;
    },
    took: (call) => {
      turns += 1;
      for (const key of keysOf(call)) lastTurns.set(key, turns);
    },
    forget: () => lastTurns.clear(),
  };
}

function isBefore(one: readonly number[], other: readonly number[]): boolean {
  const differs = one.findIndex((rank, at) => rank !== other[at]);
  return differs >= 0 && (one[differs] ?? 0) < (other[differs] ?? 0);
}
