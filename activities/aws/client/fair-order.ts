/**
 * Which of the calls that wait for AWS's rates goes out next: those of a deployment that goes back, then what changes something,
 * then what looks; and among equals deployments and people's questions in turn, and in each of the two who was let through
 * longest ago. So many bakes don't keep a question waiting, nor many questions a deployment.
 */
import { taskQueues } from '../../../contract/ids';
import { currentActivity } from '../../attempt';

export interface Caller {
  readonly kind: 'goesBack' | 'deployment' | 'question';
  /** Whose calls are let through in the order in which they came, e.g. a workflow ID. */
  readonly name: string;
}

/** Of the current activity; what is asked for several of them at once belongs to none. */
export function callerNow(): Caller {
  const { priority, taskQueue, workflowExecution, activityId = '' } = currentActivity()?.info ?? {};
  const { priorityKey = 3 } = priority ?? {};
  const name = workflowExecution?.workflowId ?? activityId;
  // What it waits for, once it has gone back, is in no hurry.
  if (priorityKey < 3 && taskQueue?.startsWith(taskQueues.aws)) return { kind: 'goesBack', name };
  return { kind: priorityKey > 3 ? 'question' : 'deployment', name };
}

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
  const rankOf = (call: Waiting): readonly number[] => [
    call.caller?.kind === 'goesBack' ? 0 : 1,
    call.isRead ? 1 : 0,
    ...keysOf(call).map((key) => lastTurns.get(key) ?? 0),
  ];
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
