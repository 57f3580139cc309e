/**
 * What every hook operation shares: reading its input, the platform's clock, its status, and its answer, which is written
 * whatever became of it, for as long as the platform reads it.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  CancellationScope,
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import type { PlatformClock } from '../../planning/plans/platform-clock';
import { escapeMarkdown } from '../text/ui-details';
import { countHookCall } from '../engine/metrics';
import { searchAttributes } from '../../contract/ids';
import type { DeploymentOutcome } from '../../contract/status';
import { dateAndTime } from '../../contract/text';
import {
  hookMethods,
  longestError,
  hookCallStatusQuery,
  parseHookCallRequest,
  resultFileOf,
  type BuiltRelease,
  type HookMethod,
  type HookCallOutcome,
  type HookCallRequest,
} from '../../contract/hook-calls';
import { clocks, answersUntil } from './activities';
import { whyFailed } from './failures';

/** What came of an operation's own part. */
export interface HookCallResult {
  readonly note?: string | null;
  readonly built?: BuiltRelease | null;
  readonly deployment?: DeploymentOutcome | null;
}

export interface HookCall {
  readonly method: HookMethod;
  readonly request: HookCallRequest;
  readonly clock: PlatformClock;
  /** Says what is being done now, a sentence. */
  readonly doing: (what: string) => void;
  /** Names the runbook that was started. */
  readonly started: (runbook: string) => void;
  /** Answers success; the first answer is the one that counts. */
  readonly succeed: () => Promise<void>;
}

interface State {
  doing: string;
  runbook: string | null;
  answered: HookCallOutcome['answered'] | null;
  error: string | null;
}

/** Runs `body`; what it throws becomes the error that people read in Service Center. */
export async function runHookCall(
  method: HookMethod,
  input: unknown,
  body: (operation: HookCall) => Promise<HookCallResult>,
): Promise<HookCallOutcome> {
  const parsed = parseHookCallRequest(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const request = parsed.value;
  const state: State = { doing: 'Reads the settings', runbook: null, answered: null, error: null };
  let clock: PlatformClock | undefined;
  const show = () => setCurrentDetails(detailsOf(method, request, state, clock));
  handleStatus(method, request, state, () => clock);
  identify(request);
  show();
  const calledAt = request.calledAt === undefined ? workflowInfo().startTime.getTime() : Date.parse(request.calledAt);
  const known = (clock = await clocks.describeClock(request.zone, calledAt));
  show();

  const answer = async (error: string | null) => {
    if (state.answered !== null) return;
    state.answered = await writeAnswer(method, request, known, error);
    countHookCall(method, request, state.answered, Date.now() - calledAt);
    state.error = error;
    show();
  };
  const told = (change: Partial<State>) => {
    Object.assign(state, change);
    show();
  };
  let result: HookCallResult = {};
  try {
    const doing = (what: string) => told({ doing: what });
    const started = (runbook: string) => told({ runbook });
    result = await body({ method, request, clock: known, doing, started, succeed: () => answer(null) });
    await answer(null);
  } catch (error) {
    const why = whyFailed(error);
    if (why === undefined) throw error;
    if (state.answered !== null) result = { note: why };
    await answer(messageOf(method, request, state, why));
  }
  told({ doing: 'Over' });
  await CancellationScope.nonCancellable(() => condition(allHandlersFinished));
  const { note = null, built = null, deployment = null } = result;
  return { answered: state.answered ?? 'nobodyReads', error: state.error, note, built, deployment };
}

/** An operation isn't over until its answer is there, or the clock says that nobody reads it. */
async function writeAnswer(
  method: HookMethod,
  request: HookCallRequest,
  clock: PlatformClock,
  error: string | null,
): Promise<HookCallOutcome['answered']> {
  const answers = answersUntil(clock);
  if (answers === undefined) return 'nobodyReads';
  const file = resultFileOf(method, request);
  try {
    await CancellationScope.nonCancellable(() => answers.writeAnswer(request.zone, { file, error }, clock));
    return error === null ? 'success' : 'error';
  } catch (failure) {
    if (whyFailed(failure) === undefined) throw failure;
    return 'nobodyReads';
  }
}

/** In words for Service Center; after Container Build the database changes, which nothing here takes back. */
function messageOf(method: HookMethod, { applicationName }: HookCallRequest, { runbook }: State, why: string): string {
  const where = runbook === null ? '' : ` More: "cutover status ${runbook}", or workflow ${runbook} in Temporal.`;
  const database =
    method === 'ContainerRun'
      ? ' The database model of this publish has been applied and stays; the code that served before goes on serving.'
      : '';
  const end = `${database}${where}`;
  return `${hookMethods[method].step} of ${applicationName} failed: ${why}`.slice(0, longestError - end.length) + end;
}

function identify({ zone, applicationName }: HookCallRequest): void {
  upsertSearchAttributes([
    { key: searchAttributes.zone, value: zone },
    { key: searchAttributes.application, value: applicationName },
  ]);
}

function handleStatus(
  method: HookMethod,
  { applicationName, operationId }: HookCallRequest,
  state: State,
  clock: () => PlatformClock | undefined,
): void {
  setHandler(
    hookCallStatusQuery,
    () => ({
      method,
      applicationName,
      operationId,
      doing: state.doing,
      platformWaitsUntil: clock()?.waitsUntil ?? null,
      runbook: state.runbook,
      answered: state.answered === 'nobodyReads' ? null : state.answered,
      error: state.error,
    }),
    { description: "How the platform's call is getting on." },
  );
}

function detailsOf(
  method: HookMethod,
  { applicationName, operationId }: HookCallRequest,
  { doing, runbook, answered, error }: State,
  clock: PlatformClock | undefined,
): string {
  const answer = { success: 'success', error: 'an error', nobodyReads: 'not told: the platform waited no longer' };
  return [
    `### ${doing}`,
    `${hookMethods[method].step} of ${escapeMarkdown(applicationName)}, operation ${operationId}`,
    ...(runbook === null
      ? []
      : [
          `**Deployment:** [${escapeMarkdown(runbook)}](/namespaces/{namespace}/workflows/${encodeURIComponent(runbook)})`,
        ]),
    ...(clock ? [`**The platform waits until** ${dateAndTime(clock.waitsUntil)} UTC`] : []),
    ...(answered === null ? [] : [`**Answered:** ${answer[answered]}`]),
    ...(error === null ? [] : [escapeMarkdown(error)]),
  ].join('\n\n');
}
