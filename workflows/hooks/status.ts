/** How a hook call is getting on: the state that its status query and the Temporal UI show. */
import { setCurrentDetails, setHandler } from '@temporalio/workflow';
import {
  hookCallStatusQuery,
  hookMethods,
  type HookCallOutcome,
  type HookCallRequest,
  type HookMethod,
} from '../../contract/hook-calls';
import { dateAndTime, escapeMarkdown } from '../../contract/text';
import type { PlatformClock } from '../../planning/platform-clock';

export interface HookCallState {
  readonly method: HookMethod;
  readonly request: HookCallRequest;
  /** `null` before the settings were read. */
  clock: PlatformClock | null;
  /** What it does now, a sentence. */
  doing: string;
  /** The workflow ID of the runbook that it started. */
  runbook: string | null;
  answered: HookCallOutcome['answered'] | null;
  /** Whether cutover has ever made something of the application, as far as the call has found out. */
  isKnown: boolean;
  /** What the answer says went wrong. */
  error: string | null;
}

export const initialState = (method: HookMethod, request: HookCallRequest): HookCallState => ({
  method,
  request,
  clock: null,
  doing: 'Reads the settings',
  runbook: null,
  answered: null,
  isKnown: false,
  error: null,
});

export function handleStatus(state: HookCallState): void {
  const { method, request } = state;
  const { applicationName, operationId } = request;
  setHandler(
    hookCallStatusQuery,
    () => ({
      method,
      applicationName,
      operationId,
      doing: state.doing,
      platformWaitsUntil: state.clock?.waitsUntil ?? null,
      runbook: state.runbook,
      answered: state.answered === 'nobodyReads' ? null : state.answered,
      error: state.error,
    }),
    { description: "How the platform's call is getting on." },
  );
}

/** Shows a change of the state in the Temporal UI. */
export const showStatus = (state: HookCallState): void => setCurrentDetails(formatDetails(state));

const answers = {
  success: 'success',
  error: 'an error',
  nobodyReads: 'not told: the platform waited no longer',
} as const;

function formatDetails({ method, request, clock, doing, runbook, answered, error }: HookCallState): string {
  const { applicationName, operationId } = request;
  return [
    `### ${escapeMarkdown(doing)}`,
    `${hookMethods[method].step} of ${escapeMarkdown(applicationName)}, operation ${operationId}`,
    ...(runbook === null ? [] : [`**Deployment:** ${formatLink(runbook)}`]),
    ...(clock ? [`**The platform waits until** ${dateAndTime(clock.waitsUntil)} UTC`] : []),
    ...(answered === null ? [] : [`**Answered:** ${answers[answered]}`]),
    ...(error === null ? [] : [escapeMarkdown(error)]),
  ].join('\n\n');
}

const formatLink = (workflowId: string) =>
  `[${escapeMarkdown(workflowId)}](/namespaces/{namespace}/workflows/${encodeURIComponent(workflowId)})`;
