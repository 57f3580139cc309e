/** The answer to a hook call: the result file that the platform looks for, and the error that people read in Service Center. */
import { CancellationScope } from '@temporalio/workflow';
import { hookMethods, longestError, resultFileOf, type HookCallOutcome } from '../../contract/hook-calls';
import type { PlatformClock } from '../../planning/platform-clock';
import { answersUntil } from './activities';
import { whyFailed } from './failures';
import type { HookCallState } from './status';

/**
 * Writes the result file. A call isn't over until its answer is there, or the clock says that nobody reads it.
 * @param error `null` for success
 */
export async function writeAnswer(
  { method, request }: HookCallState,
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

/** Says why it failed in words for Service Center; after Container Build the database changes, which nothing here takes back. */
export function formatError({ method, request, runbook }: HookCallState, why: string): string {
  const where = runbook === null ? '' : ` More: "cutover status ${runbook}", or workflow ${runbook} in Temporal.`;
  const database =
    method === 'ContainerRun'
      ? ' The database model of this publish has been applied and stays; the code that served before goes on serving.'
      : '';
  const end = `${database}${where}`;
  const failed = `${hookMethods[method].step} of ${request.applicationName} failed: ${why}`;
  return failed.slice(0, longestError - end.length) + end;
}
