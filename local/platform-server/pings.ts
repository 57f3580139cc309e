/** The pings that the platform sends to every module after a deployment, through the zone's address. */
import { readFile } from 'node:fs/promises';
import { Agent, request, type Dispatcher } from 'undici';
import type { PlatformZone } from './zone';

const pingTimeoutMs = 10_000;

/** A warning of one sentence for each module whose ping fails. */
export async function pingModules(
  { zoneAddress, certificateAuthority }: Pick<PlatformZone, 'zoneAddress' | 'certificateAuthority'>,
  modules: readonly string[],
): Promise<string[]> {
  const ca = certificateAuthority === undefined ? undefined : await readFile(certificateAuthority);
  // A connection of its own each, as from a browser that was not there before.
  const dispatcher = new Agent({ pipelining: 0, ...(ca && { connect: { ca } }) });
  try {
    const pings = modules.map(async (module) => await ping(`${zoneAddress}/${module}/_ping.aspx`, dispatcher));
    return (await Promise.all(pings)).flatMap((warning) => warning ?? []);
  } finally {
    await dispatcher.destroy();
  }
}

async function ping(url: string, dispatcher: Dispatcher): Promise<string | undefined> {
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(pingTimeoutMs) });
    await body.dump();
    return statusCode < 300 ? undefined : `${url} answers HTTP ${statusCode}.`;
  } catch (error) {
    return `${url} doesn't answer: ${(error as Error).message}.`;
  }
}
