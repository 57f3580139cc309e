/**
 * What every hook call shares: reading its input, the platform's clock, its status, and its answer, which is written whatever
 * became of it, for as long as the platform reads it.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  parseHookCallRequest,
  type BuiltRelease,
  type HookCallOutcome,
  type HookCallRequest,
  type HookMethod,
} from '../../contract/hook-calls';
import { searchAttributes } from '../../contract/ids';
import type { DeploymentOutcome } from '../../contract/status';
import type { PlatformClock } from '../../planning/platform-clock';
import { countHookCall } from '../engine/metrics';
import { clocks } from './activities';
import { formatError, writeAnswer } from './answer';
import { whyFailed } from './failures';
import { handleStatus, initialState, showStatus, type HookCallState } from './status';

/** What came of a hook call's own part. */
export interface HookCallResult {
  readonly note?: string | null;
  readonly built?: BuiltRelease | null;
  readonly deployment?: DeploymentOutcome | null;
}

export interface HookCall {
  readonly method: HookMethod;
  readonly request: HookCallRequest;
  readonly clock: PlatformClock;
  /** Shows what it does now, a sentence, the runbook that it started, and whether the application is known. */
  readonly show: (now: Partial<Pick<HookCallState, 'doing' | 'runbook' | 'isKnown'>>) => void;
  /** Answers success; the first answer is the one that counts. */
  readonly succeed: () => Promise<void>;
}

/**
 * Runs `body`; what it throws becomes the error that people read in Service Center.
 * @throws {ApplicationFailure} of type `InvalidRequest` when the input is no call of the platform
 */
export async function runHookCall(
  method: HookMethod,
  input: unknown,
  body: (call: HookCall) => Promise<HookCallResult>,
): Promise<HookCallOutcome> {
  const parsed = parseHookCallRequest(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const request = parsed.value;
  const state = initialState(method, request);
  const show = (now: Partial<HookCallState>) => {
    Object.assign(state, now);
    showStatus(state);
  };
  handleStatus(state);
  setSearchAttributes(request);
  show({});
  const startedAt = workflowInfo().startTime.getTime();
  // The listener's clock may be ahead; nobody calls in the future.
  const calledAt = request.calledAt === undefined ? startedAt : Math.min(Date.parse(request.calledAt), startedAt);
  const clock = await clocks.describeClock(request.zone, calledAt);
  show({ clock });

  const answer = async (error: string | null) => {
    if (state.answered !== null) return;
    const answered = await writeAnswer(state, clock, error);
    countHookCall(method, { ...request, isKnown: state.isKnown }, answered, Date.now() - calledAt);
    show({ answered, error });
  };
  const call = { method, request, clock, show, succeed: () => answer(null) };
  const { note = null, built = null, deployment = null } = await runAndAnswer(call, state, body, answer);
  show({ doing: 'Over' });
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  return { answered: state.answered ?? 'nobodyReads', error: state.error, note, built, deployment };
}

/** What fails after success was answered can only be noted. */
async function runAndAnswer(
  call: HookCall,
  state: HookCallState,
  body: (call: HookCall) => Promise<HookCallResult>,
  answer: (error: string | null) => Promise<void>,
): Promise<HookCallResult> {
  try {
    const result = await body(call);
    await answer(null);
    return result;
  } catch (error) {
    const why = whyFailed(error);
    if (why === undefined) throw error;
    if (state.answered !== null) return { note: why };
    await answer(formatError(state, why));
    return {};
  }
}

function setSearchAttributes({ zone, applicationName }: HookCallRequest): void {
  upsertSearchAttributes([
    { key: searchAttributes.zone, value: zone },
    { key: searchAttributes.application, value: applicationName },
  ]);
}
