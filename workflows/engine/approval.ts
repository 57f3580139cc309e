/** An approval: a person lets the deployment go on, in time, or it goes back. */
import { CancellationScope, condition } from '@temporalio/workflow';
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { enterPhase, leavePhase, type Execution } from './execution';
import { stepFailure } from './failures';
import { watchesGreen } from '../changes';
import { showStatus } from './status';
import { untilOf, waitForAnswer, waitingFor } from './hold';
import { TurnBack, turnBackIfWanted } from './interrupts';
import { wantsRollback } from './state';
import { tell } from '../audit/tell';
import { waitForCounted } from '../approvals/counted';

/** What a person is asked, whatever the deployment wants. */
export interface Question {
  /** A sentence. */
  readonly asks: string;
  /** Watches until it needs no answer any more; what it fails with is nobody's concern. Default: it always needs one. */
  readonly unless?: (() => Promise<unknown>) | undefined;
}

/**
 * Looks at what is asked about.
 * @param known why it was sick when that was last returned; `null` for well
 * @param changes how often that has changed
 * @returns once it is another than was known
 */
export type Watched = (known: string | null, changes: number) => Promise<string | null>;

/**
 * Asks for an approval, unless the deployment wants none at this moment.
 * @returns whether it was given, or not wanted; `false` where the question needs no answer any more
 * @throws {TurnBack} when it is refused, or doesn't come in time
 */
export async function waitForApproval(
  execution: Execution,
  moment: Exclude<ResolvedRunbookOptions['approval'], 'none'>,
  question?: Question,
  watch?: Watched,
): Promise<boolean> {
  const { state, options } = execution;
  const { approvals } = state;
  const asks = options.approval === moment || question !== undefined;
  // Windows and frozen days are for the cut, which comes after this moment.
  const isTimed = approvals?.demand.timed === true && moment === 'afterVerify';
  if (!asks && !isTimed) return true;
  await condition(() => !state.paused || wantsRollback(state));
  turnBackIfWanted(state);
  state.question = question?.asks ?? null;
  // Nobody is asked while only the time of the cut is waited for.
  const waits = asks ? waitingFor('approval', options.approvalTimeout) : null;
  enterPhase(execution, 'approve', waits);
  if (waits) tell(state.audit, 'waits', { image: state.request.image, ...untilOf(waits) });
  const signed = asks && approvals !== null && approvals.demand.minimum > 0;
  let done = false;
  const watching = watch && watchesGreen() ? beginWatch(execution, watch) : undefined;
  try {
    const given = await unlessNeedless(question, async (isNeedless) => {
      if (asks && !signed && !(await waitForAnyone(execution, isNeedless))) return false;
      if (!approvals || !(signed || isTimed)) return true;
      return await waitForCounted(execution, approvals, { moment, asks: signed, isNeedless });
    });
    done = true;
    return given;
  } finally {
    await watching?.end();
    state.question = null;
    leavePhase(execution, done);
  }
}

/** Shows when what is asked about sickens and heals, and tells each sickening once, until it is ended. */
function beginWatch({ state }: Execution, watch: Watched) {
  const scope = new CancellationScope();
  const watched = scope.run(async () => {
    for (let changes = 0; ; changes++) {
      state.sick = await watch(state.sick, changes);
      showStatus(state);
      if (state.sick !== null) tell(state.audit, 'sick', { image: state.request.image, failure: state.sick });
    }
  });
  const given = watched.catch((error: unknown) => {
    if (scope.consideredCancelled) return;
    // Nobody may take it for well.
    state.sick = `Nobody can look: ${stepFailure(error)?.message ?? String(error)}`;
    showStatus(state);
  });
  const end = async () => {
    scope.cancel();
    await given;
    state.sick = null;
  };
  return { end };
}

/** Waits, and meanwhile watches whether the question needs an answer at all. */
async function unlessNeedless(
  question: Question | undefined,
  wait: (isNeedless: () => boolean) => Promise<boolean>,
): Promise<boolean> {
  let isNeedless = false;
  if (question?.unless === undefined) return await wait(() => isNeedless);
  const scope = new CancellationScope();
  const watched = scope.run(question.unless).then(
    () => (isNeedless = true),
    () => undefined,
  );
  try {
    return await wait(() => isNeedless);
  } finally {
    scope.cancel();
    await watched;
  }
}

/** Whoever reaches Temporal may approve, and is who he says he is. @returns `false` where nobody has to any more */
async function waitForAnyone(execution: Execution, isNeedless: () => boolean): Promise<boolean> {
  const { state, options } = execution;
  const isAnswered = () => state.accepted !== null || isNeedless();
  const inTime = await waitForAnswer(execution, 'approval', isAnswered, options.approvalTimeout);
  turnBackIfWanted(state);
  if (!inTime) throw new TurnBack('Nobody approved in time.');
  if (state.accepted === null) return false;
  const { by = null, reason = null } = state.accepted;
  state.approved = { by, reason, at: new Date().toISOString() };
  tell(state.audit, 'approval', { counts: true, proven: false, by, reason, image: state.request.image });
  state.accepted = null;
  return true;
}
