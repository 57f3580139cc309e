/** A call's turn: asked for, waited for without holding anything, and given back however the call ends. */
import {
  CancellationScope,
  condition,
  getExternalWorkflowHandle,
  log,
  setHandler,
  workflowInfo,
  type SignalDefinition,
} from '@temporalio/workflow';
import type { HookDeploymentPlan } from '../../planning/plans/hook-deployment';
import {
  leaveSignal,
  parseTold,
  startedSignal,
  turnsIdOf,
  turnSignal,
  type TurnAnswer,
  type TurnTaken,
} from '../../contract/turns';
import { measureTurn } from '../engine/metrics';
import { earlierTurns, enterUntil } from './activities';
import { HookCallFailed } from './failures';
import type { HookCall } from './hook-call';

export interface Turn {
  /** Returns once the call has it. @throws {HookCallFailed} when it never will */
  readonly take: (plan: HookDeploymentPlan) => Promise<void>;
  /** The deployment that it wanted its turn for runs. */
  readonly started: (deployment: { readonly lock: string; readonly runId: string }) => void;
  /** Gives it back. @param over whether that deployment has ended */
  readonly leave: (over: boolean) => Promise<void>;
}

/** The queue may be gone, because somebody terminated it: then whoever asks makes it anew. */
const askAgainMs = 10 * 60_000;

/**
 * Must be called before the first wait: the turn may come at any moment.
 * @param until by when it must have its turn, ISO 8601; `null` to wait as long as it takes
 */
export function turnOf(call: HookCall, until: string | null): Turn {
  const { method, request } = call;
  const { workflowId, runId } = workflowInfo();
  let told: TurnTaken | undefined;
  setHandler(turnSignal, (raw?: unknown) => {
    const parsed = parseTold(raw);
    if ('error' in parsed) log.warn(`The signal turn was ignored: ${parsed.error}`);
    else told = parsed.value;
  });
  let isQueued = false;
  const say = async (signal: SignalDefinition<[unknown?]>, what: object): Promise<void> => {
    // Whoever isn't known there has nothing to give back.
    const queue = getExternalWorkflowHandle(turnsIdOf(request.zone));
    if (isQueued) await queue.signal(signal, what).catch(() => undefined);
  };
  const wait = async ({ lock, atOnce }: HookDeploymentPlan): Promise<TurnTaken> => {
    const startedAt = workflowInfo().startTime.toISOString();
    for (;;) {
      told = undefined;
      isQueued = true;
      const turn = { workflowId, runId, startedAt, lock, atOnce, until };
      const answer = await enterUntil(until).enterTurns(request.zone, turn);
      if (answer.turn !== 'waits') return answer;
      call.show({ doing: formatWait(lock, answer) });
      const leftMs = until === null ? askAgainMs : Math.max(1_000, Date.parse(until) - Date.now());
      await condition(() => told !== undefined, Math.min(leftMs, askAgainMs), {
        summary: 'By then it must have its turn',
      });
      if (told !== undefined) return told;
    }
  };
  return {
    take: async (plan) => {
      const since = Date.now();
      const turn = await wait(plan);
      measureTurn(method, request, Date.now() - since);
      isQueued = turn.turn === 'taken';
      refuseOthers(turn);
    },
    started: (deployment) => void say(startedSignal, { workflowId, ...deployment }),
    leave: async (over) => await CancellationScope.nonCancellable(() => say(leaveSignal, { workflowId, runId, over })),
  };
}

const formatWait = (lock: string, { position, why }: Extract<TurnAnswer, { turn: 'waits' }>) =>
  `Waits for its turn with ${lock}, as number ${position}: ${why}`;

function refuseOthers(turn: TurnTaken): void {
  if (turn.turn === 'superseded')
    throw new HookCallFailed(`${turn.by} came later and takes its place; nothing was changed.`);
  if (turn.turn === 'late')
    throw new HookCallFailed(`It had no turn while the platform waited, because ${turn.why}; nothing was changed.`);
}

/** As calls waited that began before a workflow kept the turns: in an activity. */
export function earlierTurnOf({ method, request }: HookCall, until: string | null): Turn {
  const nothing = () => undefined;
  return {
    take: async ({ lock, atOnce }) => {
      const { workflowId, startTime } = workflowInfo();
      const since = Date.now();
      const operation = { workflowId, startedAt: startTime.getTime() };
      const turn = await earlierTurns.waitForTurn({ zone: request.zone, operation, lock, atOnce, until });
      measureTurn(method, request, Date.now() - since);
      refuseOthers(turn);
    },
    started: nothing,
    leave: () => Promise.resolve(),
  };
}
