/** `hooks:` of the settings: where `cutover hooks` listens, and whom it answers. The secret itself is never in the file. */
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

/** `10.1.2.3`, `10.0.0.0/8`, `fd00::/8`. */
const addressRange = z.string().refine((text) => parseAddressRange(text) !== undefined, {
  error: 'expected an IP address or a range such as 10.0.0.0/8',
});

/** PEM files. */
export const tls = z
  .strictObject({
    certificateFile: z.string().min(1),
    keyFile: z.string().min(1),
    /** The authority of those who may connect at all (mutual TLS); without it whoever connects is asked for no certificate. */
    clientCaFile: z.string().min(1).optional(),
  })
  .optional();

export const hooks = z.strictObject({
  /** The address to listen at; `0.0.0.0` or `::` for all. */
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65535).default(8083),
  /** Without it it speaks HTTP, which belongs behind something that ends TLS. */
  tls,
  /** The addresses that may call; all of them when it's empty. */
  allowedAddresses: z.array(addressRange).max(1000).default([]),
  /** How many calls one address may make, and how many without the right secret; an IPv6 caller is its /64. */
  requestsPerMinute: z.int().min(1).max(100_000).default(600),
  /** The query parameter in the URLs that holds the secret. */
  secretParameter: z
    .string()
    .regex(/^[A-Za-z0-9_.~-]{1,40}$/, { error: 'expected a name that a URL can carry' })
    .default('secret'),
  /** A file with the secret; the environment's CUTOVER_HOOK_SECRET, and the file that CUTOVER_HOOK_SECRET_FILE names, come first. */
  secretFile: z.string().min(1).optional(),
  /** Says plainly that no secret is wanted: anyone who reaches the port can then deploy. */
  withoutSecret: z.boolean().default(false),
});

export type HookSettings = z.infer<typeof hooks>;

/** What is to be said of a listener that anybody may reach and nothing hides; undefined for another. */
export function exposure(
  { tls, allowedAddresses }: Pick<HookSettings, 'tls' | 'allowedAddresses'>,
  address: string,
): string | undefined {
  if (/^(?:127\.|::1$|::ffff:127\.)/.test(address) || tls !== undefined || allowedAddresses.length > 0)
    return undefined;
  return 'ANYBODY WHO REACHES THIS PORT MAY CALL, AND THE SECRET TRAVELS IN CLEAR TEXT: set hooks.tls, hooks.allowedAddresses, or let it listen on 127.0.0.1 behind something that ends TLS.';
}

interface AddressRange {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parseAddressRange(text: string): AddressRange | undefined {
  const [address = '', prefix, ...more] = text.split('/');
  const version = isIP(address);
  const longest = version === 4 ? 32 : 128;
  if (version === 0 || more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined;
  const bits = prefix === undefined ? longest : Number(prefix);
  return bits > longest ? undefined : { address, prefix: bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** Returns the check whether an address is in one of these ranges; without ranges every address passes. */
export function allowedBy(ranges: readonly string[]): (address: string) => boolean {
  const list = new BlockList();
  for (const range of ranges.map(parseAddressRange))
    if (range) list.addSubnet(range.address, range.prefix, range.family);
  return (address) => {
    if (ranges.length === 0) return true;
    // A socket that listens for both families reports IPv4 callers as ::ffff:10.1.2.3.
    const plain = address.replace(/^::ffff:(?=\d+\.)/i, '');
    return isIP(plain) !== 0 && list.check(plain, isIP(plain) === 4 ? 'ipv4' : 'ipv6');
  };
}
