/** Whether the hook listener answers, asked where `cutover doctor` runs. */
import { request as httpRequest, type RequestOptions } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Finding } from '../../planning/doctor';
import type { HookSettings } from '../../settings/hooks';

const answersWithinMs = 5_000;

export async function examineListener(hooks: Pick<HookSettings, 'host' | 'port' | 'tls'>): Promise<Finding> {
  const { host, port, tls } = hooks;
  const url = `${tls ? 'https' : 'http'}://${urlHost(host)}:${port}/healthz`;
  try {
    const status = await statusOf(url);
    if (status === 200) return told('ok', `${url} answers`);
    return told(
      'error',
      `${url} answers ${status}`,
      `Something else listens there: end it, or give "hooks" another port.`,
    );
  } catch (error) {
    return told(
      'warning',
      `${url} doesn't answer here: ${(error as Error).message}`,
      'Start "cutover hooks"; if it runs on another machine, run doctor there too.',
    );
  }
}

const told = (state: Finding['state'], says: string, next: string | null = null): Finding => ({
  check: 'hook listener',
  state,
  says,
  next,
  application: null,
});

/** Who listens at all addresses is found at his own. */
function urlHost(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  if (host === '::') return '[::1]';
  return host.includes(':') ? `[${host}]` : host;
}

async function statusOf(url: string): Promise<number | undefined> {
  // Only whether it is there is asked; its certificate is the platform's to check, and is for another name than this one.
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
