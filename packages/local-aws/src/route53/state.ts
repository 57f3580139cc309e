/** Route 53's hosted zones. Times are milliseconds since the epoch. */
import type { ResourceRecordSet } from '@aws-sdk/client-route-53';

export interface Route53State {
  readonly zones: Record<string, HostedZone>;
  /** When each change was submitted, by its ID. */
  readonly changes: Record<string, number>;
}

export interface HostedZone {
  readonly id: string;
  /** In lower case, with a dot at the end, as all names here. */
  readonly name: string;
  readonly callerReference: string;
  readonly comment?: string;
  readonly tags: Record<string, string>;
  /** The records as they are, and as they were before changes that the name servers don't have yet; the newest last. */
  records: readonly { readonly submittedAt: number; readonly sets: readonly ResourceRecordSet[] }[];
}

export const emptyRoute53 = (): Route53State => ({ zones: {}, changes: {} });

/** How long a change is PENDING: "generally within 60 seconds", says the API reference of GetChange. */
export const propagationMs = 30_000;

export const recordsOf = ({ records }: HostedZone): readonly ResourceRecordSet[] => records.at(-1)?.sets ?? [];

/** The records that the name servers have. */
export function propagatedRecordsOf({ records }: HostedZone, now: number, timeScale: number) {
  return records.findLast(({ submittedAt }) => submittedAt + propagationMs / timeScale <= now)?.sets ?? [];
}

/** As Route 53 writes it; a name without a dot at its end is the same one. */
export const nameOf = (name: string): string => `${name.toLowerCase().replace(/\.$/, '')}.`;
