/** A step that failed holds: the deployment waits for a person, with a limit where it can still go back. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { Phase } from '../../contract/status';
import { formatDuration } from '../../settings/durations';
import { tell } from '../audit/tell';
import { changed } from '../changes';
import { dossierOf } from './dossier';
import { enterPhase, leavePhase, type Execution } from './execution';
import type { StepFailure } from './failures';
import { TurnBack, turnBackIfWanted } from './interrupts';
import { countHold } from './metrics';
import { committed, wantsRollback, type Waiting } from './state';
import { showStatus } from './status';

/**
 * Returns when the step is to run again.
 * @param whileHeld done once; what it fails with is nobody's concern
 * @throws {TurnBack} when the deployment is to go back: because it is asked to, by itself, or when nobody answered in time
 */
export async function hold(
  execution: Execution,
  phase: Phase,
  failure: StepFailure,
  whileHeld?: () => Promise<void>,
): Promise<void> {
  const { state } = execution;
  state.failure = failure.message;
  if (failure.gates) state.gates = failure.gates;
  state.dossier = await dossierOf(state, phase, failure, execution.collectEvidence);
  turnBackIfWanted(state);
  if (rollsBackByItself(execution, failure)) throw new TurnBack(failure.message);
  leavePhase(execution, false);
  const timeoutMs = state.rollingBack || committed(state) ? null : execution.options.holdTimeout;
  const waits = waitingFor('retry', timeoutMs);
  enterPhase(execution, 'hold', waits);
  tell(state.audit, 'hold', { phase, failure: failure.message, restorable: state.restorable, ...untilOf(waits) });
  state.heldIn = phase;
  countHold(state, phase, failure.type);
  const isAnswered = () => state.accepted?.name === 'retry' || wantsRollback(state);
  const inTime = await beside(whileHeld, () => waitForAnswer(execution, 'retry', isAnswered, timeoutMs));
  turnBackIfWanted(state);
  if (!inTime) throw new TurnBack(`${failure.message} Nobody retried or rolled back in time.`);
  state.accepted = null;
  state.failure = null;
  // Whoever retries has looked: the plan's writes go on from where the namespace is active now.
  if (failure.movedTo && execution.site) execution.site.activeCluster = failure.movedTo;
}

/** Waits; what is done meanwhile is over, or given up, when the wait is. */
async function beside<T>(meanwhile: (() => Promise<void>) | undefined, wait: () => Promise<T>): Promise<T> {
  if (meanwhile === undefined || !changed('act-while-held')) return await wait();
  const scope = new CancellationScope();
  const done = scope.run(meanwhile).catch(() => undefined);
  try {
    return await wait();
  } finally {
    scope.cancel();
    await done;
  }
}

const rollsBackByItself = ({ state, options }: Execution, failure: StepFailure) =>
  state.restorable && options.onFailure === 'rollback' && !failure.needsPeople && !committed(state);

/**
 * Waits for a person.
 * @param timeoutMs `null` to wait for ever
 * @returns whether the answer came in time
 */
export async function waitForAnswer(
  { state }: Execution,
  what: Waiting['for'],
  isAnswered: () => boolean,
  timeoutMs: number | null,
): Promise<boolean> {
  state.waiting = waitingFor(what, timeoutMs);
  showStatus(state);
  let inTime = true;
  if (timeoutMs === null) await condition(isAnswered);
  else inTime = await condition(isAnswered, timeoutMs, { summary: formatWait(what, timeoutMs) });
  state.waiting = null;
  showStatus(state);
  return inTime;
}

export const waitingFor = (what: Waiting['for'], timeoutMs: number | null): Waiting => ({
  for: what,
  until: timeoutMs === null ? null : Date.now() + timeoutMs,
});

/** When it is over by itself, as a fact that is told. */
export const untilOf = ({ until }: Waiting) => ({ until: until === null ? null : new Date(until).toISOString() });

const formatWait = (what: Waiting['for'], timeoutMs: number) =>
  `Wait for ${what}, ${formatDuration(timeoutMs)} at most`;
