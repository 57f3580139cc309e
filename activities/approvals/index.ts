/**
 * The activities that find out what an approval is worth: the settings say whose keys count, so a worker reads them, and no input
 * does.
 */
import { Context } from '@temporalio/activity';
import { parseStatement, type SignedStatement } from '../../contract/approvals';
import type { PlatformApplication } from '../../contract/runbook-requests';
import type { CountedApproval, Examined } from '../../planning/approvals/counted';
import type { ApprovalDemand } from '../../planning/approvals/demand';
import { weigh, type Verdict, type Weighing } from '../../planning/approvals/weigh';
import type { ApprovalPolicy, Approver } from '../../settings/approvals/policy';
import { resolveApplication, type ApplicationDependencies } from '../aws/plans/applications';
import { provenByKey } from './keys';
import { provenByToken } from './tokens';

/** What came, and when. */
export interface PresentedApproval {
  /** ISO 8601. */
  readonly at: string;
  readonly signed: SignedStatement;
}

export interface WeighRequest extends Pick<Weighing, 'demand' | 'moment' | 'asks'> {
  /** The platform's name for the application, which the settings need not know. */
  readonly application: PlatformApplication;
  readonly counted: readonly CountedApproval[];
  readonly presented: readonly PresentedApproval[];
}

export interface CountersignRequest {
  readonly application: PlatformApplication;
  /** The deployment whose glass was broken, and who did it. */
  readonly workflow: string;
  readonly run: string;
  readonly demand: ApprovalDemand;
  readonly breaker: string;
  readonly presented: PresentedApproval;
}

export type ApprovalActivities = ReturnType<typeof approvalActivities>;

export const approvalActivities = (dependencies: Pick<ApplicationDependencies, 'settings'>) => ({
  /**
   * Which approvals of the calling run count now, and whether it may go on.
   * Effect: none; an issuer is asked for its keys.
   * Errors: none for what was presented, whatever it is: that gets its sentence.
   */
  async weighApprovals({ application, presented, ...asked }: WeighRequest): Promise<Verdict> {
    const { workflowId: workflow = '', runId: run = '' } = Context.current().info.workflowExecution ?? {};
    const policy = policyOf(dependencies, workflow, application);
    const examined = await examineEach(presented, policy);
    return weigh({ ...asked, policy, workflow, run, nowMs: Date.now(), examined });
  },

  /**
   * Whether another person than the one who broke the glass has looked at it.
   * Effect: none. Errors: none for what was presented.
   * @returns the approval, or why it doesn't count
   */
  async weighCountersignature(asked: CountersignRequest): Promise<{ counted: CountedApproval } | { why: string }> {
    const { application, workflow, run, demand, breaker, presented } = asked;
    const policy = policyOf(dependencies, workflow, application);
    const examined = await examineEach([presented], policy);
    const [one] = examined;
    if (one && 'person' in one && one.person === breaker)
      return { why: `${breaker} broke the glass: somebody else must countersign.` };
    const { counted, answers } = weigh({
      demand: { ...demand, minimum: 1, starter: null },
      policy,
      moment: 'countersign',
      asks: true,
      workflow,
      run,
      nowMs: Date.now(),
      counted: [],
      examined,
    });
    const [approval] = counted;
    return approval ? { counted: approval } : { why: answers[0] ?? 'It does not count.' };
  },
});

const policyOf = (
  { settings }: Pick<ApplicationDependencies, 'settings'>,
  workflow: string,
  application: PlatformApplication,
): ApprovalPolicy | undefined => resolveApplication(settings(), workflow, application).zone.approvals;

const examineEach = (presented: readonly PresentedApproval[], policy: ApprovalPolicy | undefined) =>
  Promise.all(presented.map((one) => examine(one, policy?.approvers ?? [])));

/** Whom it proves, if anybody. */
async function examine({ at, signed }: PresentedApproval, approvers: readonly Approver[]): Promise<Examined> {
  const { statement: text, signature, token } = signed;
  const statement = parseStatement(text);
  if (!statement) return { at, why: 'What was signed is no statement of cutover: make it with "cutover approve".' };
  const claimed = statement.approver;
  if (token !== undefined) {
    const proven = await provenByToken(text, token, { claimed, at: Date.parse(at) }, approvers);
    if (typeof proven === 'string') return { at, why: proven };
    const { person, ...proof } = proven;
    return { at, statement, person, proof: { kind: 'token', ...proof } };
  }
  const proven = provenByKey(text, signature ?? '', claimed, approvers);
  if (typeof proven === 'string') return { at, why: proven };
  return { at, statement, person: proven.person, proof: { kind: 'key', fingerprint: proven.fingerprint } };
}
