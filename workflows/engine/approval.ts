/** An approval: a person lets the deployment go on, in time, or it goes back. */
import { condition } from '@temporalio/workflow';
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { enterPhase, leavePhase, type Execution } from './execution';
import { waitForAnswer } from './hold';
import { TurnBack, turnBackIfWanted } from './interrupts';
import { wantsRollback } from './state';

/**
 * Asks for an approval, unless the deployment wants none at this moment.
 * @throws {TurnBack} when it is refused, or doesn't come in time
 */
export async function waitForApproval(
  execution: Execution,
  moment: Exclude<ResolvedRunbookOptions['approval'], 'none'>,
): Promise<void> {
  const { state, options } = execution;
  if (options.approval !== moment) return;
  await condition(() => !state.paused || wantsRollback(state));
  turnBackIfWanted(state);
  enterPhase(execution, 'approve');
  const inTime = await waitForAnswer(execution, 'approval', () => state.accepted !== null, options.approvalTimeout);
  leavePhase(execution, inTime && !wantsRollback(state));
  turnBackIfWanted(state);
  if (!inTime) throw new TurnBack('Nobody approved in time.');
  const { by = null, reason = null } = state.accepted ?? {};
  state.approved = { by, reason, at: new Date().toISOString() };
  state.accepted = null;
}
