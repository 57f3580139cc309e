/** The account and the region of a resource, which are part of its ARN. */
import { randomBytes } from 'node:crypto';

/** The one account of the local AWS. */
export const accountId = '000000000000';

export interface Scope {
  readonly region: string;
}

/** @param resource the part after the account, e.g. `cluster/default` */
export function arnOf(scope: Scope, service: string, resource: string): string {
  return `arn:aws:${service}:${scope.region}:${accountId}:${resource}`;
}

/** Random lower-case hexadecimal digits. */
export function hexId(digits: number): string {
  return randomBytes(Math.ceil(digits / 2))
    .toString('hex')
    .slice(0, digits);
}
