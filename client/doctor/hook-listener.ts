/** Whether the hook listener answers, asked where `cutover doctor` runs. */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { finding } from '../../contract/questions';
import type { Finding } from '../../planning/doctor';
import type { HookSettings } from '../../settings/hooks';

const answersWithinMs = 5_000;

export async function checkListener({
  host,
  port,
  tls,
}: Pick<HookSettings, 'host' | 'port' | 'tls'>): Promise<Finding> {
  const check = 'hook listener';
  const url = `${tls ? 'https' : 'http'}://${urlHost(host)}:${port}/healthz`;
  try {
    const status = await statusOf(url);
    if (status === 200) return finding({ check, state: 'ok', says: `${url} answers` });
    const next = 'Something else listens there: end it, or give "hooks" another port.';
    return finding({ check, state: 'error', says: `${url} answers ${status}`, next });
  } catch (error) {
    const says = `${url} doesn't answer here: ${(error as Error).message}`;
    const next = 'Start "cutover hooks"; if it runs on another machine, run doctor there too.';
    return finding({ check, state: 'warning', says, next });
  }
}

/** A listener on all addresses is reached at this machine's own. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function statusOf(url: string): Promise<number | undefined> {
  // The question is only whether it is there. The platform checks its certificate, which is for another name than this one.
  const options: RequestOptions & { rejectUnauthorized: boolean } = {
    rejectUnauthorized: false,
    signal: AbortSignal.timeout(answersWithinMs),
    agent: false,
  };
  return await new Promise((resolve, reject) => {
    const request = url.startsWith('https:') ? httpsRequest(url, options) : httpRequest(url, options);
    request.on('response', (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('error', reject);
    request.end();
  });
}
