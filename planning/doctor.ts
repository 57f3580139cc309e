/**
 * What stands, or may soon stand, in the way of deployments in a zone: rules that clash, quotas that run out, and what
 * deployments left behind. Each finding says what to do about it.
 */

export interface Finding {
  /** What was looked at, e.g. `listener rules`. */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'error';
  readonly says: string;
  /** What to do; `null` when all is well. */
  readonly next: string | null;
  /** The application that it is about; a running deployment explains its leftovers. */
  readonly application: string | null;
}

/** A finding; unless given, there is nothing to do and it is about no application. */
export const finding = (
  found: Pick<Finding, 'check' | 'state' | 'says'> & Partial<Pick<Finding, 'next' | 'application'>>,
): Finding => ({ next: null, application: null, ...found });
