/**
 * A runbook that one of the platform's hook calls started: it reports every phase to that call, keeps to the platform's clock, and
 * gives way to a newer call while it hasn't cut. Any other runbook only says when it is over, to calls that wait for that.
 */
import {
  CancellationScope,
  getExternalWorkflowHandle,
  log,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { parseHookCallId, reportSignal, supersedeSignal, type RunbookReport } from '../../contract/hook-calls';
import { Unreadable } from '../../contract/parsing';
import { awaitedSignal, overSignal, parseAwaited } from '../../contract/turns';
import { formatDuration } from '../../settings/durations';
import { requestRollback, type Interrupts } from './interrupts';
import { committed, endsBakeInTime, type RunbookState } from './state';
import { showStatus } from './status';

export interface Platform {
  /** Reports to the hook call how things are. */
  readonly report: () => void;
  /** The runbook is over: no clock counts any more, and those who wait for that are told. */
  readonly ended: () => Promise<void>;
}

/** Must be called before the first await: a signal that arrives earlier would find no handler. */
export function obeyPlatform(state: RunbookState, interrupts: Interrupts): Platform {
  const { parent } = workflowInfo();
  const byHook = parent !== undefined && parseHookCallId(parent.workflowId) !== undefined;
  setHandler(
    supersedeSignal,
    (raw?: unknown) => {
      if (raw instanceof Unreadable) log.warn(`The signal supersede was ignored: it ${raw.why}`);
      else if (byHook && state.restorable && !hasCut(state)) giveWay(state, interrupts, raw);
    },
    { description: 'Sent by a newer operation of the platform; not for people.' },
  );
  const tellAll = tellThoseWhoWait();
  const clock = startClock(state, interrupts);
  const call = byHook ? getExternalWorkflowHandle(parent.workflowId, parent.runId) : undefined;
  let order = 0;
  return {
    // A call that has ended, or was terminated, needs no report.
    report: () => {
      order += 1;
      call?.signal(reportSignal, reportOf(state, order)).catch(() => undefined);
    },
    ended: async () => {
      clock.cancel();
      await CancellationScope.nonCancellable(tellAll);
    },
  };
}

/** @returns tells those who asked by then that this run is over */
function tellThoseWhoWait(): () => Promise<void> {
  const waiting = new Set<string>();
  setHandler(
    awaitedSignal,
    (raw?: unknown) => {
      const parsed = parseAwaited(raw);
      if ('value' in parsed) waiting.add(parsed.value.by);
      else log.warn(`The signal awaited was ignored: ${parsed.error}`);
    },
    { description: "Sent by the queue of the platform's calls; not for people." },
  );
  return async () => {
    const { workflowId: lock, runId } = workflowInfo();
    const tell = async (by: string) => await getExternalWorkflowHandle(by).signal(overSignal, { lock, runId });
    // Who has gone meanwhile doesn't wait any more.
    for (const by of waiting) await tell(by).catch(() => undefined);
  };
}

const hasCut = ({ steps }: RunbookState) => steps.some(({ phase }) => phase === 'shift');

/** @param raw `{ by }`, as it was sent */
function giveWay(state: RunbookState, interrupts: Interrupts, raw: unknown): void {
  const newer = (raw as { by?: unknown } | undefined)?.by;
  const reason = `${typeof newer === 'string' ? newer.slice(0, 200) : 'it'} takes its place`;
  requestRollback(state, interrupts, { by: 'a newer operation of the platform', reason });
}

const reportOf = (state: RunbookState, order: number): RunbookReport => {
  const { phase, proven, rollingBack, failure } = state;
  return { order, phase, proven, commits: committed(state), rollingBack, failure };
};

/** No deadline is further away, whatever a message says. */
const longestPlatformTimeMs = 7 * 24 * 3_600_000;

/** Before the proof it rolls back when time is up; after it, what is left of the bake ends, and a pause too. */
function startClock(state: RunbookState, interrupts: Interrupts): CancellationScope {
  const clock = new CancellationScope();
  const { deadline } = state.request;
  if (deadline === undefined) return clock;
  const leftMs = Math.min(Math.max(0, Date.parse(deadline) - Date.now()), longestPlatformTimeMs);
  const summary = `The platform waits ${formatDuration(leftMs)} at most`;
  const timeIsUp = () => {
    if (!state.restorable) return;
    if (endsBakeInTime(state)) endBake(state);
    else requestRollback(state, interrupts, platformGaveUp);
  };
  clock.run(() => sleep(leftMs, { summary })).then(timeIsUp, () => undefined);
  return clock;
}

const platformGaveUp = {
  by: "the platform's clock",
  reason: 'the OutSystems platform would have stopped waiting for an answer',
} as const;

function endBake(state: RunbookState): void {
  state.promoted = true;
  state.paused = false;
  showStatus(state);
}
