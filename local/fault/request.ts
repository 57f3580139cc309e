/** One request to the control port of the local AWS. */

/**
 * Sends a request and returns the answer, parsed from JSON.
 * @throws {Error} of one sentence when the control port refuses the request or doesn't answer
 */
export async function requestFaults(url: string, method: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  if (response === undefined)
    throw new Error(`The local AWS doesn't answer at ${new URL(url).origin}: see its log, logs/aws.log.`);
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  throw new Error((answer as { readonly error?: string }).error ?? `The local AWS answers ${response.status}.`);
}
