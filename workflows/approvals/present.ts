/** How a signed approval comes in: it waits until an activity has looked at it, and then its sender is told what it is worth. */
import { ApplicationFailure, condition } from '@temporalio/workflow';
import type { SignedStatement } from '../../contract/approvals';
import type { CommandInput } from '../../contract/commands';
import type { ApprovalState, Presented, RunbookState } from '../engine/state';

/** So many at once: a deployment isn't kept busy by who sends thousands. */
const mostAtOnce = 20;

/** Why an approval isn't even looked at: with a signature where none is wanted, or without one. */
export function signatureRefusal({ approvals }: RunbookState, signed: SignedStatement | undefined): string | undefined {
  const approvers = approvals?.demand.approvers ?? [];
  if (approvers.length === 0)
    return signed === undefined
      ? openRefusal(approvals)
      : 'The settings name no approvers: approve without a signature.';
  if (signed === undefined)
    return `Only signed approvals count here, of ${approvers.join(', ')}: cutover approve --sign KEYFILE.`;
  return (approvals?.presented.length ?? 0) < mostAtOnce
    ? undefined
    : `${mostAtOnce} approvals wait to be looked at: send it again in a moment.`;
}

/** Where anybody approves, one approval is enough, and then only the time is waited for. */
const openRefusal = (approvals: ApprovalState | null) =>
  approvals?.moment == null ? undefined : `It is approved. ${approvals.closed ?? 'It waits until a cut may begin.'}`;

/** What an approval would look like that is taken now. */
export const signedIfWanted = ({ approvals }: RunbookState): CommandInput =>
  (approvals?.demand.approvers ?? []).length > 0 ? { signed: { statement: '?', signature: '?' } } : {};

export function present(approvals: ApprovalState, signed: SignedStatement): void {
  approvals.presented = [...approvals.presented, { at: new Date().toISOString(), signed, answer: null }];
}

/** @throws {ApplicationFailure} with the sentence why it doesn't count */
export async function worthOf(presented: Presented): Promise<string> {
  await condition(() => presented.answer !== null);
  const { why = null } = presented.answer ?? {};
  if (why !== null) throw ApplicationFailure.nonRetryable(`approve does not count: ${why}`, 'Refused');
  return 'approve counts';
}
