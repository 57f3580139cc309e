/** The errors that the local AWS answers with. */

/** An error as the answer to a call, in AWS's own words; `code` is the shape's name, e.g. `PriorityInUseException`. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** The HTTP status, if the model doesn't have one for the code. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/**
 * Throws as an expression, e.g. after `??` for a missing value.
 * @throws {AwsError} always
 */
export function fail(code: string, message: string): never {
  throw new AwsError(code, message);
}
