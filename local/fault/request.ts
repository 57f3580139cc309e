/** One request to the control port of the local AWS. */

/** Throws an error of one sentence: what the control port refused, or that nobody answers there. */
export async function requestFaults(url: string, method: string, body?: object): Promise<unknown> {
  const init = body === undefined ? { method } : { method, body: JSON.stringify(body) };
  const response = await fetch(url, { ...init, signal: AbortSignal.timeout(10_000) }).catch(() => undefined);
  if (response === undefined) throw new Error(`The local AWS doesn't answer at ${url}: see its log, logs/aws.log.`);
  const answer: unknown = await response.json();
  if (response.ok) return answer;
  throw new Error((answer as { readonly error?: string }).error ?? `The local AWS answers ${response.status}.`);
}
