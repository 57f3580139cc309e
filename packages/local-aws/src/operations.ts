/** The form of an operation: a function from its checked input to its output, which may throw an `AwsError`. */

import type { Caller } from './iam/identities';

/** An operation's input after the check against its schema: required members are there. */
export type Given<Input> = {
  [Name in keyof Input]: {} extends Pick<Input, Name> ? Input[Name] : Exclude<Input[Name], undefined>;
};

/** Operations by name. Their inputs differ, hence `never`: the dispatcher has checked each against its schema. */
export type Operations = Readonly<Record<string, (input: never, caller: Caller) => unknown>>;

/** Whether an operation only reads, which its name shows on AWS. */
export function isRead(operation: string): boolean {
  return /^(Describe|List|Get|Batch|Filter)/.test(operation);
}
