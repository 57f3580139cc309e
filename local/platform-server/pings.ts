/** What the platform asks of every module after a deployment, at the zone's address. */

const pingTimeoutMs = 10_000;

/** One sentence for each module that doesn't answer 200. */
export async function pingModules(zoneAddress: string, modules: readonly string[]): Promise<string[]> {
  const said = await Promise.all(modules.map(async (module) => await ping(`${zoneAddress}/${module}/_ping.aspx`)));
  return said.flatMap((warning) => warning ?? []);
}

async function ping(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(pingTimeoutMs), headers: { connection: 'close' } });
    await response.body?.cancel();
    return response.ok ? undefined : `${url} answers HTTP ${response.status}.`;
  } catch (error) {
    return `${url} doesn't answer: ${(error as Error).message}.`;
  }
}
