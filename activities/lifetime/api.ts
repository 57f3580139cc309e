/**
 * LifeTime's REST API v2 over HTTP. A refusal of what was asked (400, 404, 409 …) is for good; everything else may pass: no
 * answer, 5xx, 429, what nobody can read, and also 401 and 403, for tokens and permissions are given and replaced while it is
 * asked again. The reference says nothing of rates; nothing here asks more than once in a look.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { Agent, request } from 'undici';
import type { z } from 'zod';
import type { LifeTimeSettings } from '../../settings/lifetime/schema';
import { mostOfCertificates, readText } from '../../settings/files/text';
import { revealed } from '../secrets';
import { reasonIn } from './answers';

export interface Call<T extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below `/lifetimeapi/rest/v2/`, each part as it is. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: object;
  /** `text` where the reference's own example isn't JSON. */
  readonly answer: T;
  readonly as?: 'json' | 'text' | 'nothing';
}

const answerTimeoutMs = 30_000;
/** The logs of large deployments are long. */
const mostBytes = 32 * 1024 * 1024;

/** @throws {ApplicationFailure} of type `LifeTimeAway`, or `LifeTimeRefused`, which is for good */
export async function askLifeTime<T extends z.ZodType>(settings: LifeTimeSettings, call: Call<T>): Promise<z.infer<T>> {
  const { status, body } = await exchange(settings, call);
  const what = `${call.method} /${call.path.join('/')}`;
  if (status < 200 || status >= 300) {
    const said = reasonIn(body);
    const why = `LifeTime answered ${status} to ${what}${said === '' ? '' : `: ${said}`}`;
    if (status === 401 || status === 403)
      throw away(`${why}. See whether lifetime.token is valid, and what its service account may do.`);
    if (status < 400 || status === 408 || status === 429 || status >= 500) throw away(`${why}.`);
    throw ApplicationFailure.nonRetryable(`${why}.`, 'LifeTimeRefused', status);
  }
  const parsed = call.answer.safeParse(read(body, call.as ?? 'json'));
  if (!parsed.success) throw away(`Nobody can read what LifeTime answered to ${what}.`);
  return parsed.data;
}

const away = (message: string) => ApplicationFailure.retryable(message, 'LifeTimeAway');

function read(body: string, as: 'json' | 'text' | 'nothing'): unknown {
  if (as === 'text') return body;
  if (as === 'nothing' || body.trim() === '') return undefined;
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

function authorityIn(file: string): string {
  try {
    return readText(file, mostOfCertificates);
  } catch (error) {
    throw away(
      `lifetime.caFile can't be read: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message} (${file}).`,
    );
  }
}

/** Follows no redirect: the token is for this address alone. */
async function exchange(
  { address, token, caFile }: LifeTimeSettings,
  { method, path, query = {}, body }: Call<z.ZodType>,
): Promise<{ readonly status: number; readonly body: string }> {
  const url = new URL(
    `${address.replace(/\/+$/, '')}/lifetimeapi/rest/v2/${path.map((part) => encodeURIComponent(part)).join('/')}/`,
  );
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  const authorization = `Bearer ${revealed(token, () => true).trim()}`;
  const agent = new Agent({ connect: { timeout: 5_000, ...(caFile !== undefined && { ca: authorityIn(caFile) }) } });
  try {
    const answer = await request(url, {
      method,
      dispatcher: agent,
      headers: { authorization, accept: 'application/json', ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.any([Context.current().cancellationSignal, AbortSignal.timeout(answerTimeoutMs)]),
    });
    const parts: Buffer[] = [];
    let bytes = 0;
    for await (const part of answer.body) {
      parts.push(part as Buffer);
      bytes += (part as Buffer).length;
      if (bytes > mostBytes) throw Object.assign(new Error(), { code: `more than ${mostBytes} bytes` });
    }
    return { status: answer.statusCode, body: Buffer.concat(parts).toString('utf8') };
  } catch (error) {
    Context.current().cancellationSignal.throwIfAborted();
    const { code = 'no answer', name } = error as NodeJS.ErrnoException;
    throw away(`${url.host} gave no whole answer (${name === 'TimeoutError' ? 'within 30 s' : code}).`);
  } finally {
    void agent.destroy();
  }
}
