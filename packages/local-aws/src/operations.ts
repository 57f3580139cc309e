/** How an operation is written: a function from its checked input to its output; what it throws is an `AwsError`. */

/** An operation's input after the check against its schema: required members are there. */
export type Given<Input> = {
  [Name in keyof Input]: {} extends Pick<Input, Name> ? Input[Name] : Exclude<Input[Name], undefined>;
};

/** Operations by name. Those of one service differ in their inputs, hence `never`: the dispatcher has checked them. */
export type Operations = Readonly<Record<string, (input: never) => unknown>>;

/** Operations that change nothing, by AWS's way of naming. */
export function isRead(operation: string): boolean {
  return /^(Describe|List|Get|Batch|Filter)/.test(operation);
}
