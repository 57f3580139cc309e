/** HTTP requests to one address after the other, with the zone's Host, on few connections. */
import { Pool } from 'undici';
import type { ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { revealed } from '../secrets';
import { readProbeFiles } from './certificates';

const answerTimeoutMs = 10_000;
const longestText = 400;

/** Connections that are kept alive until they are closed. */
export interface Connections {
  /**
   * Requests a path. Never rejects: where no connection is made within 5 s, or a part of the answer takes longer than 10 s, the
   * answer has no status and says why.
   * @param path with its query, e.g. `/Orders`
   */
  ask(address: string, path: string): Promise<ProbeAnswer>;
  close(): Promise<void>;
}

/** @param perAddress how many connections are made to an address at most, when several requests are under way */
export function openConnections(route: RouteAddress, perAddress: number): Connections {
  const pools = new Map<string, Pool>();
  const headers = Object.fromEntries(Object.entries(route.headers).map(([name, value]) => [name, revealed(value)]));
  const tls = route.protocol === 'HTTPS' ? tlsOptions(route) : {};
  const poolOf = (address: string): Pool => {
    const known = pools.get(address);
    if (known) return known;
    const pool = new Pool(originOf(route, address), {
      connections: perAddress,
      connect: { timeout: 5_000, ...tls },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    pools.set(address, pool);
    return pool;
  };
  return {
    ask: async (address, path) => await request(poolOf(address), { ...route, headers }, path),
    close: async () => void (await Promise.all([...pools.values()].map(async (pool) => await pool.destroy()))),
  };
}

/** `http://10.0.0.1:80` */
export const originOf = ({ protocol, port }: RouteAddress, address: string): string =>
  `${protocol.toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${port}`;

async function request(pool: Pool, route: RouteAddress, path: string): Promise<ProbeAnswer> {
  try {
    const headers = { ...route.headers, host: route.host, 'user-agent': 'cutover' };
    const { statusCode, headers: answered, body } = await pool.request({ method: 'GET', path, headers });
    const server = answered['server'];
    const text = (await body.text()).slice(0, longestText);
    return { status: statusCode, text, ...(typeof server === 'string' && { server }) };
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    return { status: null, text: message || (code ?? 'no answer'), ...(code !== undefined && { code }) };
  }
}

/** A load balancer doesn't check the certificates of its targets. */
function tlsOptions({ host, probe, unverified }: RouteAddress) {
  const servername = host.replace(/:\d+$/, '');
  return unverified ? { servername, rejectUnauthorized: false } : { servername, ...readProbeFiles(probe) };
}
