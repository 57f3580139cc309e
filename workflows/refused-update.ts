/** Without a stack trace, which the Temporal UI would print below the sentence. */
export function refusedUpdate(message: string): Error {
  const error = new Error(message);
  error.stack = '';
  return error;
}
