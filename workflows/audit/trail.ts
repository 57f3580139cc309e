/**
 * The audit trail of a zone: one run takes what deployments hand over, and hands it on to where it is kept, in one chain. What
 * keeps it may be away for as long as it likes: entries wait here, in Temporal, and no deployment waits for them.
 */
import {
  ApplicationFailure,
  condition,
  continueAsNew,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { entriesSignal, parseEntries, parseTrail, trailQuery, type AuditEntry } from '../../contract/audit';
import { auditing } from '../activities';
import { bindToNoVersion } from '../versions';
import { createIntake } from './intake';

bindToNoVersion(auditTrail);

/** So many lines are written at once. */
const mostAtOnce = 100;
/** So many may wait through a new beginning, which is one message. */
const mostCarried = 500;

/** @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence */
export async function auditTrail(input?: unknown): Promise<void> {
  const parsed = parseTrail(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const { zone } = parsed.value;
  let { head } = parsed.value;
  const waiting: AuditEntry[] = [...parsed.value.carried];
  const { take, seen } = createIntake(parsed.value.seen, (entry) => waiting.push(entry));
  take(parsed.value.entries);
  setHandler(entriesSignal, (raw?: unknown) => take(parseEntries(raw) ?? []), { description: 'Of a deployment.' });
  setHandler(trailQuery, () => ({ head, waiting: waiting.length }), { description: 'What was written last.' });
  for (;;) {
    await condition(() => waiting.length > 0);
    setCurrentDetails(`${waiting.length} lines wait to be written.`);
    const entries = waiting.slice(0, mostAtOnce);
    head = await auditing.appendAudit({ zone, head, entries });
    waiting.splice(0, entries.length);
    setCurrentDetails(head === null ? 'The settings name no audit.' : `Written up to line ${head.sequence}.`);
    if (workflowInfo().continueAsNewSuggested && waiting.length <= mostCarried)
      await continueAsNew<typeof auditTrail>({ zone, head, carried: waiting, seen: seen() });
  }
}
