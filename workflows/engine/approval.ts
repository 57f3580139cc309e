/** An approval: a person lets the deployment go on, in time, or it goes back. */
import { condition } from '@temporalio/workflow';
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { enterPhase, leavePhase, type Execution } from './execution';
import { untilOf, waitForAnswer, waitingFor } from './hold';
import { TurnBack, turnBackIfWanted } from './interrupts';
import { wantsRollback } from './state';
import { tell } from '../audit/tell';
import { waitForCounted } from '../approvals/counted';

/**
 * Asks for an approval, unless the deployment wants none at this moment.
 * @throws {TurnBack} when it is refused, or doesn't come in time
 */
export async function waitForApproval(
  execution: Execution,
  moment: Exclude<ResolvedRunbookOptions['approval'], 'none'>,
): Promise<void> {
  const { state, options } = execution;
  const { approvals } = state;
  const asks = options.approval === moment;
  // Windows and frozen days are for the cut, which comes after this moment.
  const isTimed = approvals?.demand.timed === true && moment === 'afterVerify';
  if (!asks && !isTimed) return;
  await condition(() => !state.paused || wantsRollback(state));
  turnBackIfWanted(state);
  // Nobody is asked while only the time of the cut is waited for.
  const waits = asks ? waitingFor('approval', options.approvalTimeout) : null;
  enterPhase(execution, 'approve', waits);
  if (waits) tell(state.audit, 'waits', { image: state.request.image, ...untilOf(waits) });
  const signed = asks && approvals !== null && approvals.demand.minimum > 0;
  let done = false;
  try {
    if (asks && !signed) await waitForAnyone(execution);
    if (approvals && (signed || isTimed)) await waitForCounted(execution, approvals, moment, signed);
    done = true;
  } finally {
    leavePhase(execution, done);
  }
}

/** Whoever reaches Temporal may approve, and is who he says he is. */
async function waitForAnyone(execution: Execution): Promise<void> {
  const { state, options } = execution;
  const inTime = await waitForAnswer(execution, 'approval', () => state.accepted !== null, options.approvalTimeout);
  turnBackIfWanted(state);
  if (!inTime) throw new TurnBack('Nobody approved in time.');
  const { by = null, reason = null } = state.accepted ?? {};
  state.approved = { by, reason, at: new Date().toISOString() };
  tell(state.audit, 'approval', { counts: true, proven: false, by, reason, image: state.request.image });
  state.accepted = null;
}
