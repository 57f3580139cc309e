/** How often one caller may call: a bucket that fills up evenly and holds a minute's worth. */
import { isIPv6 } from 'node:net';

export const knownCallers = 10_000;

/**
 * Returns the check whether a call from an address may pass now.
 * @param now milliseconds, from any fixed point
 */
export function callRate(now: () => number = () => performance.now()) {
  const buckets = new Map<string, { left: number; at: number }>();
  return (address: string, perMinute: number): boolean => {
    const caller = callerOf(address);
    const at = now();
    const { left, at: before } = buckets.get(caller) ?? { left: perMinute, at };
    const filled = Math.min(perMinute, left + ((at - before) * perMinute) / 60_000);
    // Set anew, so that the map's order is that of the newest call and the first is the one to forget.
    buckets.delete(caller);
    if (buckets.size >= knownCallers) forgetOldest(buckets);
    buckets.set(caller, { left: filled >= 1 ? filled - 1 : filled, at });
    return filled >= 1;
  };
}

/** Who has an IPv6 address has its /64: 2001:db8:0:1::7 and 2001:db8:0:1::8 are one caller. */
export function callerOf(address: string): string {
  const plain = address.replace(/%.*$/, '');
  if (!isIPv6(plain) || /^::ffff:/i.test(plain)) return plain.replace(/^::ffff:/i, '');
  const [before = '', after = ''] = plain.split('::');
  const groups = (text: string) => (text === '' ? [] : text.split(':'));
  const missing = 8 - groups(before).length - groups(after).length;
  const all = plain.includes('::')
    ? [...groups(before), ...Array<string>(Math.max(0, missing)).fill('0'), ...groups(after)]
    : groups(before);
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}

export function forgetOldest(map: Map<string, unknown>): void {
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
