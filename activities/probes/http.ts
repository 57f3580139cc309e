/** HTTP requests to one address after the other, with the zone's Host, on few connections. */
import { Pool } from 'undici';
import type { ProbeAnswer } from '../../planning/proof/answers';
import type { RouteAddress } from '../../planning/routing/live-and-test-routes';
import { limitConcurrency, type InTurn } from '../concurrency';
import { revealed } from '../secrets';
import { readProbeFiles } from './certificates';

/** For all of an answer: whoever sends a byte now and then gets no more time. */
const answerTimeoutMs = 10_000;
const longestText = 400;
/** One that takes longer gives its place to the next, on another connection: a slow module holds up no other. */
const slowMs = 1_000;
/** Of a body; the rest is never read. */
const mostBytes = 64 * 1024;

/** Connections that are kept alive until they are closed. */
export interface Connections {
  /**
   * Requests a path. Where no connection is made within 5 s, or the whole answer takes longer than 10 s from when its request has a
   * connection, the answer has no status and says why.
   * @param path with its query, e.g. `/Orders`
   * @throws {unknown} the signal's reason, when it aborts
   */
  ask(address: string, path: string, signal: AbortSignal): Promise<ProbeAnswer>;
  close(): Promise<void>;
}

/** @param perAddress how many connections are made to an address, when several requests are under way that don't take long */
export function openConnections(route: RouteAddress, perAddress: number): Connections {
  const opened: Pool[] = [];
  const lanes = new Map<string, Lane>();
  // Whose secrets they are was held against the settings with the route.
  const headers = Object.fromEntries(
    Object.entries(route.headers).map(([name, value]) => [name, revealed(value, () => true)]),
  );
  const tls = route.protocol === 'HTTPS' ? tlsOptions(route) : {};
  const open = (address: string): Pool => {
    const pool = new Pool(originOf(route, address), {
      connections: perAddress,
      connect: { timeout: 5_000, ...tls },
      headersTimeout: answerTimeoutMs,
      bodyTimeout: answerTimeoutMs,
    });
    opened.push(pool);
    return pool;
  };
  const laneTo = (address: string): Lane => {
    // What waits for a connection has its time still before it.
    const lane = lanes.get(address) ?? { pool: open(address), inTurn: limitConcurrency(perAddress) };
    lanes.set(address, lane);
    return lane;
  };
  return {
    ask: async (address, path, signal) => {
      const lane = laneTo(address);
      let asked: Promise<ProbeAnswer> | undefined;
      await lane.inTurn(async () => {
        const { pool } = lane;
        asked = request(pool, { ...route, headers }, { path, signal });
        if ((await isSlow(asked)) && lane.pool === pool) lane.pool = open(address);
      }, signal);
      return await asked!;
    },
    close: async () => void (await Promise.all(opened.map((pool) => pool.destroy()))),
  };
}

/** How requests get to an address now. */
interface Lane {
  pool: Pool;
  readonly inTurn: InTurn;
}

/** Whether an answer takes longer than others may be kept waiting for it. */
async function isSlow(asked: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => (timer = setTimeout(() => resolve(true), slowMs)));
  return await Promise.race([asked.then(() => false), late]).finally(() => clearTimeout(timer));
}

/** `http://10.0.0.1:80` */
export const originOf = ({ protocol, port }: RouteAddress, address: string): string =>
  `${protocol.toLowerCase()}://${address.includes(':') ? `[${address}]` : address}:${port}`;

interface Asked {
  readonly path: string;
  readonly signal: AbortSignal;
}

async function request(pool: Pool, route: RouteAddress, { path, signal }: Asked): Promise<ProbeAnswer> {
  const ended = new AbortController();
  const cancel = () => ended.abort(signal.reason);
  const late = setTimeout(() => ended.abort(new Error('no whole answer within 10 s')), answerTimeoutMs);
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    const headers = { ...route.headers, host: route.host, 'user-agent': 'cutover' };
    const asked = { method: 'GET', path, headers, signal: ended.signal } as const;
    const { statusCode, headers: answered, body } = await pool.request(asked);
    const server = answered['server'];
    const text = (await startOf(body)).slice(0, longestText);
    return { status: statusCode, text, ...(typeof server === 'string' && { server }) };
  } catch (error) {
    signal.throwIfAborted();
    const { message, code } = error as NodeJS.ErrnoException;
    return { status: null, text: message || (code ?? 'no answer'), ...(code !== undefined && { code }) };
  } finally {
    clearTimeout(late);
    signal.removeEventListener('abort', cancel);
  }
}

/** Reads a body to its end, or so much of it as any page that proves something has; its connection ends with it then. */
async function startOf(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of body) {
    parts.push(part);
    length += part.length;
    if (length >= mostBytes) break;
  }
  return Buffer.concat(parts).subarray(0, mostBytes).toString('utf8');
}

/** A load balancer doesn't check the certificates of its targets. */
function tlsOptions({ host, probe, unverified }: RouteAddress) {
  const servername = host.replace(/:\d+$/, '');
  return unverified ? { servername, rejectUnauthorized: false } : { servername, ...readProbeFiles(probe) };
}
