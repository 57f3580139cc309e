/**
 * A runbook that one of the platform's hooks started: it tells its operation every phase, keeps to the platform's clock, and
 * gives way to a newer operation while it hasn't cut. For any other runbook this does nothing.
 */
import { CancellationScope, getExternalWorkflowHandle, setHandler, sleep, workflowInfo } from '@temporalio/workflow';
import { formatDuration } from '../../settings/durations';
import { parseHookCallId, reportSignal, supersedeSignal, type RunbookReport } from '../../contract/hook-calls';
import { committed, endsBakeInTime, type RunbookState } from './state';

interface Powers {
  /** Wants the deployment rolled back. */
  readonly turnBack: (by: string, why: string) => void;
  readonly show: () => void;
}

export interface Platform {
  /** Tells the operation how things are. */
  readonly report: () => void;
  /** The runbook is over: no clock counts any more. */
  readonly ended: () => void;
}

export function obeyPlatform(state: RunbookState, powers: Powers): Platform {
  const { parent } = workflowInfo();
  const byHook = parent !== undefined && parseHookCallId(parent.workflowId) !== undefined;
  setHandler(
    supersedeSignal,
    (raw?: unknown) => {
      if (!byHook || !state.restorable || hasCut(state)) return;
      const by = (raw as { by?: unknown } | undefined)?.by;
      powers.turnBack(
        'a newer operation of the platform',
        `${typeof by === 'string' ? by.slice(0, 200) : 'it'} takes its place`,
      );
    },
    { description: 'Sent by a newer operation of the platform; not for people.' },
  );
  const clock = startClock(state, powers);
  const operation = byHook ? getExternalWorkflowHandle(parent.workflowId, parent.runId) : undefined;
  let order = 0;
  return {
    // An operation that has ended, or was terminated, needs no report.
    report: () => void operation?.signal(reportSignal, reportOf(state, ++order)).catch(() => undefined),
    ended: () => clock.cancel(),
  };
}

const hasCut = ({ steps }: RunbookState) => steps.some(({ phase }) => phase === 'shift');

const reportOf = (state: RunbookState, order: number): RunbookReport => {
  const { phase, proven, rollingBack, failure } = state;
  return { order, phase, proven, commits: committed(state), rollingBack, failure };
};

/** Before the proof time that is up rolls back; after it, it ends what is left of the bake, a pause too. */
function startClock(state: RunbookState, { turnBack, show }: Powers): CancellationScope {
  const clock = new CancellationScope();
  const { deadline } = state.request;
  if (deadline === undefined) return clock;
  const leftMs = Math.max(0, Date.parse(deadline) - Date.now());
  const timeIsUp = () => {
    if (!state.restorable) return;
    if (endsBakeInTime(state)) {
      state.promoted = true;
      state.paused = false;
      show();
    } else turnBack("the platform's clock", 'the OutSystems platform would have stopped waiting for an answer');
  };
  const summary = `The platform waits ${formatDuration(leftMs)} at most`;
  clock.run(() => sleep(leftMs, { summary })).then(timeIsUp, () => undefined);
  return clock;
}
