/** One execution of a runbook: the value that its steps, holds, approvals, waits and rollback share. */
import { searchAttributes } from '../../contract/ids';
import type { RunbookRequest } from '../../contract/runbook-requests';
import type { Evidence, Phase, Runbook } from '../../contract/status';
import type { ActiveCluster } from '../../planning/site';
import { resolveRunbookOptions, type ResolvedRunbookOptions } from '../../settings/runbook';
import { tell } from '../audit/tell';
import { finishSoon } from '../priority';
import { changed } from '../changes';
import { handleCommands } from './commands';
import { createInterrupts, type Interrupts } from './interrupts';
import { measurePhase } from './metrics';
import { obeyPlatform, type Platform } from './platform-deadline';
import { approvedFacts, initialState, wantsRollback, type RunbookState, type Waiting } from './state';
import { search, searchableWait, showStatus } from './status';

export interface Execution {
  readonly state: RunbookState;
  /** As the request asks; once the plan is made, as the plan resolved them. */
  options: ResolvedRunbookOptions;
  readonly interrupts: Interrupts;
  /** Asks AWS about what fails; nothing is asked before there is something to ask about. */
  collectEvidence: () => Promise<Evidence>;
  readonly platform: Platform;
  /** The plan's own, which its writes are given. Default: there is no plan yet. */
  site?: { activeCluster?: ActiveCluster };
}

/** Starts the platform's clock, where one of its hook calls started the runbook. */
export function startExecution(runbook: Runbook, request: RunbookRequest): Execution {
  const state = initialState(runbook, { image: null, ...request });
  const { image, by, reason } = state.request;
  tell(state.audit, 'start', { runbook, image, by, reason });
  const interrupts = createInterrupts();
  return {
    state,
    options: resolveRunbookOptions(request),
    interrupts,
    collectEvidence: () => Promise.resolve({ tasks: [], targets: [], events: [] }),
    platform: obeyPlatform(state, interrupts),
  };
}

/** Takes commands, described for how live traffic is going to change hands: once at the start, and again with the plan. */
export function takeCommands({ state, interrupts }: Execution): void {
  handleCommands(state, (taken) => {
    if (wantsRollback(state)) interrupts.interrupt();
    if ((taken === 'pause' || taken === 'resume') && changed('pauses-are-searchable'))
      search(state, searchableWait(state, state.waiting));
    showStatus(state);
  });
}

/**
 * A phase begins: it is recorded and shown, can be searched for, and is reported to the hook call.
 * @param waiting whom it waits for from its beginning, and until when
 */
export function enterPhase({ state, platform }: Execution, phase: Phase, waiting: Waiting | null = null): void {
  state.phase = phase;
  state.heldIn = null;
  if (phase === 'shift') finishSoon();
  state.steps.push({ phase, started: Date.now(), ended: null, done: false });
  tellPhase(state, phase);
  search(state, [{ key: searchAttributes.phase, value: phase }, ...searchableWait(state, waiting)]);
  platform.report();
  showStatus(state);
}

/** What changes who serves, before it does. */
function tellPhase(state: RunbookState, phase: Phase): void {
  const { audit, way, failure } = state;
  if (phase === 'shift') tell(audit, way === 'removal' ? 'removal' : 'cut', { begins: true, ...approvedFacts(state) });
  if (phase === 'retire' && way === 'removal') tell(audit, 'removal', { stops: true });
  if (phase === 'rollBack') tell(audit, 'rollback', { reason: failure });
}

/** The phase ends, unless it has ended already. A hold is done however people answer it. */
export function leavePhase({ state }: Execution, done: boolean): void {
  const last = state.steps.at(-1);
  if (last && last.ended === null) {
    last.ended = Date.now();
    last.done = done || last.phase === 'hold';
    measurePhase(state, last.phase, last.ended - last.started);
  }
  showStatus(state);
}
