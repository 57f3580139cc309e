/**
 * Signed approvals: what a person signs, how it is sent, and what counts. The text that is signed is the statement as it is sent,
 * to the byte; only its one canonical form is read, so that nobody signs what means two things.
 */
import { z } from 'zod';
import type { ApprovalMoment, CountedApproval, Statement } from '../planning/approvals/counted';
import type { Parsed } from './parsing';
import { canonical } from '../settings/approvals/canonical';

export type { ApprovalMoment, CountedApproval, Proof, Statement } from '../planning/approvals/counted';

const digest = z.string().regex(/^sha256:[\w.-]{1,128}$/);

const statement = z.strictObject({
  version: z.literal(1),
  approval: z.enum(['beforeStart', 'afterVerify', 'countersign']),
  workflow: z.string().min(1).max(200),
  run: z.string().min(1).max(100),
  plan: digest,
  image: z.union([digest, z.null()]),
  approver: z.string().min(1).max(100),
  expires: z.iso.datetime(),
  reason: z.string().min(1).max(1000).optional(),
  breakGlass: z.literal(true).optional(),
});

/** How a statement is sent: as it was signed, with an SSH signature, a plain one of Ed25519 in Base64, or a token of an issuer. */
const signed = z
  .strictObject({
    statement: z.string().min(1).max(4_000),
    signature: z.string().min(1).max(4_000).optional(),
    token: z.string().min(1).max(8_000).optional(),
  })
  .refine(({ signature, token }) => (signature === undefined) !== (token === undefined));
export const signedStatement = () => signed;
export type SignedStatement = z.infer<typeof signed>;

/** Reads `{"signed": …}`; never throws. */
export function parseSigned(input: unknown): Parsed<SignedStatement> {
  const { data } = z.strictObject({ signed, by: z.string().optional() }).safeParse(input);
  return data
    ? { value: data.signed }
    : { error: 'Expected {"signed": {"statement": "…", "signature": "…"}}, as "cutover approve --print" writes it.' };
}

/** The text to sign. */
export const formatStatement = (value: Statement): string => canonical(value);

/** Reads what was signed; `undefined` for anything but a statement in its canonical form, with one line break after it at most. */
export function parseStatement(text: string): Statement | undefined {
  const line = text.replace(/\r?\n$/, '');
  try {
    const { data } = statement.safeParse(JSON.parse(line));
    return data && canonical(data) === line ? data : undefined;
  } catch {
    return undefined;
  }
}

/** Where a deployment's approvals stand, and what one must be for. */
export interface ApprovalsStatus {
  readonly workflow: string;
  readonly run: string;
  readonly plan: string;
  readonly image: string | null;
  /** What is asked for now; `null` while nothing is. */
  readonly moment: ApprovalMoment | null;
  /** How many different people must approve; 0 where a name is believed as typed. */
  readonly minimum: number;
  readonly approvers: readonly string[];
  readonly counted: readonly CountedApproval[];
  /** Why no cut may begin now, a sentence; `null` when one may, or nobody has looked yet. */
  readonly closed: string | null;
  /** Whether one person's word took the place of all: to be countersigned. */
  readonly brokenGlass: boolean;
}

/** `Ana (key SHA256:…)`. */
export const formatProof = ({ approver, proof }: Pick<CountedApproval, 'approver' | 'proof'>): string =>
  proof.kind === 'key'
    ? `${approver} (key ${proof.fingerprint})`
    : `${approver} (token of ${proof.issuer}${proof.bound ? '' : ', not bound to this approval'})`;
