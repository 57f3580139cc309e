/** The errors that the local AWS answers with. */

/** An answer that is an error, in AWS's own words: `code` is the shape's name, e.g. `PriorityInUseException`. */
export class AwsError extends Error {
  constructor(
    readonly code: string,
    message: string,
    /** The HTTP status, where the model doesn't give one. */
    readonly status?: number,
  ) {
    super(message);
  }
}

/** For `??`: throws where a value is missing. */
export function fail(code: string, message: string): never {
  throw new AwsError(code, message);
}
