/** The pings that the platform sends to every module after a deployment, through the zone's address. */

const pingTimeoutMs = 10_000;

/** A warning of one sentence for each module whose ping fails. */
export async function pingModules(zoneAddress: string, modules: readonly string[]): Promise<string[]> {
  const warnings = await Promise.all(modules.map(async (module) => await ping(`${zoneAddress}/${module}/_ping.aspx`)));
  return warnings.flatMap((warning) => warning ?? []);
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
