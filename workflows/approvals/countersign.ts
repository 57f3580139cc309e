/**
 * A broken glass is open until somebody else has looked at it: a run of its own waits for that, for as long as it takes, whatever
 * became of the deployment. It is found like any deployment, and its end is the countersignature.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  log,
  ParentClosePolicy,
  setCurrentDetails,
  setHandler,
  startChild,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import {
  countersignSignal,
  countersignUpdate,
  glassQuery,
  parseCountersigning,
  type OpenGlass,
} from '../../contract/countersigning';
import { escapeMarkdown, plainSummary } from '../../contract/text';
import { parseSigned } from '../../contract/approvals';
import { parseDeploymentId, searchAttributes, workflowTaskTimeout } from '../../contract/ids';
import type { CountedApproval } from '../../planning/approvals/counted';
import { isAudited, knowListening, startAudit, tell, type RunAudit } from '../audit/tell';
import { approvals as activities, recording } from '../activities';
import { stepFailure } from '../engine/failures';
import type { ApprovalState } from '../engine/state';
import { bindToNoVersion } from '../versions';

bindToNoVersion(countersign);

/** Starts it, once a run; it outlives this one. */
export async function wantCountersignature(own: ApprovalState, audit: RunAudit): Promise<void> {
  const breaker = own.counted.find(({ breakGlass }) => breakGlass === true);
  if (!breaker || own.countersigning) return;
  own.countersigning = true;
  const { workflowId: workflow, runId: run } = workflowInfo();
  const { demand, application } = own;
  const { approver, reason = '', at } = breaker;
  await startChild(countersign, {
    workflowId: `countersign/${workflow}/${run}`,
    workflowTaskTimeout,
    args: [
      { workflow, run, demand, application, breaker: approver, reason, at, ...(isAudited(audit) && { audited: true }) },
    ],
    staticSummary: plainSummary(`${approver} alone approved ${workflow}: to be countersigned`),
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

/**
 * @returns who countersigned
 * @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence
 */
export async function countersign(input?: unknown): Promise<CountedApproval> {
  const parsed = parseCountersigning(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const glass = parsed.value;
  const waiting: unknown[] = [];
  let given: CountedApproval | undefined;
  setHandler(countersignSignal, (raw?: unknown) => void waiting.push(raw), { description: 'Has a signed approval.' });
  setHandler(
    countersignUpdate,
    async (raw?: unknown) => {
      const answer = await weighed(glass, raw);
      if ('why' in answer) throw ApplicationFailure.nonRetryable(answer.why, 'Refused');
      given ??= answer.counted;
      return `countersigned by ${answer.counted.approver}`;
    },
    { description: 'Has a signed approval.' },
  );
  setHandler(glassQuery, () => glass, { description: 'What is to be countersigned.' });
  open(glass);
  while (given === undefined) {
    await condition(() => given !== undefined || waiting.length > 0);
    const raw = waiting.shift();
    if (given !== undefined || raw === undefined) continue;
    const answer = await weighed(glass, raw);
    if ('counted' in answer) given = answer.counted;
    else log.warn(`The signal countersign was ignored: ${answer.why}`);
  }
  const { workflow, application, run } = glass;
  await recording.recordCountersignature({ workflow, application, run }, given);
  await tellAudit(glass, given);
  setCurrentDetails(`### Countersigned by ${escapeMarkdown(given.approver)}`);
  await condition(allHandlersFinished);
  return given;
}

async function tellAudit({ workflow, run, audited = false, demand }: OpenGlass, given: CountedApproval): Promise<void> {
  const audit = startAudit();
  const { plan, image } = demand;
  const { approver, reason } = given;
  tell(audit, 'countersignature', { of: run, by: approver, reason, plan, digest: image }, workflow);
  knowListening(audit, { audited }, workflow);
  await audit.handingOver;
}

/** What is wanted, where people look. */
function open({ workflow, breaker }: OpenGlass): void {
  const { zone, application } = parseDeploymentId(workflow);
  upsertSearchAttributes([
    { key: searchAttributes.zone, value: zone },
    { key: searchAttributes.application, value: application },
    { key: searchAttributes.phase, value: 'approve' },
    { key: searchAttributes.waitsFor, value: 'countersignature' },
  ]);
  setCurrentDetails(`### To be countersigned, by anybody but ${escapeMarkdown(breaker)}`);
}

async function weighed(glass: OpenGlass, raw: unknown): Promise<{ counted: CountedApproval } | { why: string }> {
  const signed = parseSigned(raw);
  if ('error' in signed) return { why: signed.error };
  const presented = { at: new Date().toISOString(), signed: signed.value };
  const { workflow, run, demand, application, breaker } = glass;
  try {
    return await activities.weighCountersignature({ workflow, run, demand, application, breaker, presented });
  } catch (error) {
    const failure = stepFailure(error);
    if (!failure) throw error;
    return { why: `It could not be checked: ${failure.message} Send it again.` };
  }
}
