/**
 * Approvals that people prove, and cuts that have their time: an activity, which reads the settings, says what counts. Until
 * enough does, and a cut may begin, the run waits; what doesn't count is told and changes nothing.
 */
import { condition } from '@temporalio/workflow';
import { formatProof, parseStatement, type ApprovalMoment } from '../../contract/approvals';
import type { Verdict } from '../../planning/approvals/weigh';
import { formatDuration } from '../../settings/durations';
import { approvals as activities } from '../activities';
import { tell as audit } from '../audit/tell';
import type { Execution } from '../engine/execution';
import { stepFailure } from '../engine/failures';
import { TurnBack, turnBackIfWanted } from '../engine/interrupts';
import { keepIgnored, wantsRollback, type ApprovalState, type RunbookState } from '../engine/state';
import { showStatus } from '../engine/status';
import { wantCountersignature } from './countersign';

/** The settings may be edited meanwhile: a frozen day may be given free. */
const looksAgainAfterMs = 3_600_000;

interface Wanted {
  readonly moment: Exclude<ApprovalMoment, 'countersign'>;
  /** Whether people are asked; else only the time is. */
  readonly asks: boolean;
  /** Whether nobody has to approve any more. */
  readonly isNeedless: () => boolean;
}

/**
 * Returns when enough people have approved, and a cut may begin; `false` when nobody has to approve any more.
 * @throws {TurnBack} when it is refused, or doesn't come to that in time
 */
export async function waitForCounted(
  execution: Execution,
  own: ApprovalState,
  { moment, asks, isNeedless }: Wanted,
): Promise<boolean> {
  const { state, options } = execution;
  const until = Date.now() + options.approvalTimeout;
  Object.assign(own, { moment, asks, missing: asks ? own.demand.minimum : 0 });
  state.waiting = { for: 'approval', until };
  showStatus(state);
  try {
    for (;;) {
      const opensAt = await look(state, own);
      turnBackIfWanted(state);
      if (opensAt === 'now') break;
      if (isNeedless()) return false;
      if (Date.now() >= until) throw new TurnBack(own.closed ?? 'Nobody approved in time.');
      const wakesAt = Math.min(until, opensAt ?? until, Date.now() + looksAgainAfterMs);
      await awake(state, own, { wakesAt, isNeedless });
      turnBackIfWanted(state);
    }
    if (own.brokenGlass) await wantCountersignature(own, state.audit);
    recordApproved(state, own);
    return true;
  } finally {
    state.waiting = null;
    own.moment = null;
    for (const late of own.presented) late.answer ??= { why: 'It came too late.' };
    showStatus(state);
  }
}

/** Until somebody says something, or it is time to look again. */
async function awake(
  state: RunbookState,
  own: ApprovalState,
  { wakesAt, isNeedless }: { readonly wakesAt: number; readonly isNeedless: () => boolean },
): Promise<void> {
  const isWoken = () => wantsRollback(state) || isNeedless() || own.presented.some((one) => one.answer === null);
  const waitMs = Math.max(1, wakesAt - Date.now());
  const summary = `Wait for ${own.asks ? 'approvals' : 'the time of a cut'}, ${formatDuration(waitMs)} at most`;
  await condition(isWoken, waitMs, { summary });
}

/** What came is weighed. @returns `now` when the run may go on, else when a cut may begin; `null` where no time is known */
async function look(state: RunbookState, own: ApprovalState): Promise<'now' | number | null> {
  const { demand, application, asks, counted } = own;
  const presented = own.presented.filter(({ answer }) => answer === null);
  const moment = own.moment ?? 'afterVerify';
  if (!asks && !demand.timed) return 'now';
  try {
    const sent = presented.map(({ at, signed }) => ({ at, signed }));
    const verdict = await activities.weighApprovals({ demand, application, moment, asks, counted, presented: sent });
    const { missing, brokenGlass, closed } = verdict;
    Object.assign(own, { counted: verdict.counted, missing, brokenGlass, closed });
    presented.forEach((one, at) => answer(state, one, verdict.answers[at] ?? null));
    verdict.lapsed.forEach((why) => tell(state, why));
    showStatus(state);
    return verdict.goes ? 'now' : opensAtOf(verdict);
  } catch (error) {
    const failure = stepFailure(error);
    if (!failure) throw error;
    for (const one of presented) answer(state, one, `It could not be checked: ${failure.message} Send it again.`);
    showStatus(state);
    return null;
  } finally {
    own.presented = own.presented.filter((one) => one.answer === null);
  }
}

const opensAtOf = ({ opensAt, missing }: Verdict) => (opensAt === null || missing > 0 ? null : Date.parse(opensAt));

function answer(state: RunbookState, presented: ApprovalState['presented'][number], why: string | null): void {
  presented.answer = { why };
  if (why !== null) tell(state, why);
  const { statement } = presented.signed;
  const approver = parseStatement(statement)?.approver;
  const counted = why === null && state.approvals?.counted.find((one) => one.approver === approver);
  audit(state.audit, 'approval', {
    counts: why === null,
    why,
    proof: counted ? formatProof(counted) : null,
    statement,
  });
}

/** What doesn't count stands in the status, where every command stands that was ignored. */
const tell = (state: RunbookState, why: string) => keepIgnored(state, 'approve', why);

/** The result's older member names them all. */
function recordApproved(state: RunbookState, { counted, asks }: ApprovalState): void {
  if (!asks || counted.length === 0) return;
  const reasons = counted.flatMap(({ reason }) => reason ?? []);
  state.approved = {
    by: counted.map(formatProof).join(', '),
    reason: reasons.length > 0 ? reasons.join('; ') : null,
    at: new Date().toISOString(),
  };
}
