/** Approvals in a release's record: tags on its task definition, which are there for as long as that is. */
import { tagKeys, tagValue } from '../names';
import type { CountedApproval } from './counted';

export interface ApprovedRelease {
  /** SHA-256 of the plan. */
  readonly plan: string;
  readonly counted: readonly CountedApproval[];
  /** Whether one person's word took the place of all. */
  readonly brokenGlass: boolean;
}

type Tags = Readonly<Record<string, string>>;

/** A task definition has room for fifty tags. */
const mostRecorded = 10;

export function approvalTags({ plan, counted, brokenGlass }: ApprovedRelease): Tags {
  const breaker = counted.find(({ breakGlass }) => breakGlass === true);
  return {
    [tagKeys.approvedPlan]: plan,
    ...Object.fromEntries(
      counted.slice(0, mostRecorded).map((one, at) => [`${tagKeys.approved}-${at + 1}`, tagValue(formatApproval(one))]),
    ),
    ...(brokenGlass && breaker && { [tagKeys.countersign]: tagValue(`wanted: ${breaker.reason ?? ''}`) }),
  };
}

export const countersignedTags = (countersigned: CountedApproval): Tags => ({
  [tagKeys.countersigned]: tagValue(formatApproval(countersigned)),
});

/** `Ana key SHA256:… at 2026-11-29T05:00:00.000Z`, of letters that tags can hold. */
const formatApproval = ({ approver, proof, at }: CountedApproval): string =>
  proof.kind === 'key'
    ? `${approver} key ${proof.fingerprint} at ${at}`
    : `${approver} token of ${proof.issuer} for ${proof.subject} at ${at}`;

/** What {@link approvalTags} and {@link countersignedTags} wrote, for people. */
export function approvalsIn(tags: Tags): {
  readonly approvals?: readonly string[];
  readonly countersignature?: 'wanted' | 'given';
} {
  const approvals = Array.from({ length: mostRecorded }, (_, at) => tags[`${tagKeys.approved}-${at + 1}`] ?? []).flat();
  const countersigned = tags[tagKeys.countersigned];
  const all = [...approvals, ...(countersigned === undefined ? [] : [`countersigned by ${countersigned}`])];
  if (all.length === 0) return {};
  const wanted = tags[tagKeys.countersign] !== undefined;
  return { approvals: all, ...(wanted && { countersignature: countersigned === undefined ? 'wanted' : 'given' }) };
}
