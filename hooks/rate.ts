/** How often one address may call: a bucket that fills up evenly and holds a minute's worth. */

const knownAddresses = 10_000;

/** Returns the check whether a call from an address may pass now. @param now milliseconds, from any fixed point */
export function callRate(perMinute: number, now: () => number = () => performance.now()) {
  const buckets = new Map<string, { left: number; at: number }>();
  return (address: string): boolean => {
    const at = now();
    const { left, at: before } = buckets.get(address) ?? { left: perMinute, at };
    const filled = Math.min(perMinute, left + ((at - before) * perMinute) / 60_000);
    // Set anew, so that the map's order is that of the newest call and the first is the one to forget.
    buckets.delete(address);
    if (buckets.size >= knownAddresses) forgetOldest(buckets);
    buckets.set(address, { left: filled >= 1 ? filled - 1 : filled, at });
    return filled >= 1;
  };
}

function forgetOldest(buckets: Map<string, unknown>): void {
  const [oldest] = buckets.keys();
  if (oldest !== undefined) buckets.delete(oldest);
}
