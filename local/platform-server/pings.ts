/** The pings that the platform sends to every module after a deployment, through the zone's address. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { PlatformZone } from './zone';

const pingTimeoutMs = 10_000;

/** A warning of one sentence for each module whose ping fails. */
export async function pingModules(
  { zoneAddress, certificateAuthority }: Pick<PlatformZone, 'zoneAddress' | 'certificateAuthority'>,
  modules: readonly string[],
): Promise<string[]> {
  const ca = certificateAuthority === undefined ? undefined : await readFile(certificateAuthority);
  const pings = modules.map(async (module) => await ping(`${zoneAddress}/${module}/_ping.aspx`, ca));
  return (await Promise.all(pings)).flatMap((warning) => warning ?? []);
}

async function ping(url: string, ca: Buffer | undefined): Promise<string | undefined> {
  try {
    const status = await statusOf(url, ca);
    return status < 300 ? undefined : `${url} answers HTTP ${status}.`;
  } catch (error) {
    return `${url} doesn't answer: ${(error as Error).message}.`;
  }
}

/** On a connection of its own, as from a browser that was not there before. */
async function statusOf(url: string, ca: Buffer | undefined): Promise<number> {
  const options = { agent: false, signal: AbortSignal.timeout(pingTimeoutMs) } as const;
  const sent = url.startsWith('https:') ? requestHttps(url, { ...options, ca }) : requestHttp(url, options);
  sent.end();
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  answer.resume();
  await once(answer, 'end');
  return answer.statusCode ?? 0;
}
