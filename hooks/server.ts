/** The server that the listener runs in: how much strangers may take of it, and who may connect to it at all. */
import { once } from 'node:events';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { rereader } from '../settings/files/reread';
import { mostOfCertificates, readText } from '../settings/files/text';
import type { HookSettings } from '../settings/hooks';

export type HookServer = ReturnType<typeof createServer> | ReturnType<typeof createTlsServer>;

/** Room for a thousand module names. */
const longestHeadBytes = 192 * 1024;
/** So many heads that never end are 38 MiB. */
const mostConnections = 200;
/**
 * Longer than callers keep an idle connection (.NET 100 s, an ALB 60 s by default): a connection that ends here just as it is
 * used again loses a call.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-load-balancer-attributes.html#connection-idle-timeout
 */
const keepAliveTimeoutMs = 120_000;

/** How long strangers may take. */
export interface Patience {
  readonly handshakeMs: number;
  readonly headMs: number;
  readonly requestMs: number;
  /** Head and request are looked at so often. */
  readonly lookMs: number;
}

const usualPatience: Patience = { handshakeMs: 5_000, headMs: 10_000, requestMs: 15_000, lookMs: 2_000 };

const limitsOf = ({ headMs, requestMs, lookMs }: Patience): ServerOptions => ({
  maxHeaderSize: longestHeadBytes,
  headersTimeout: headMs,
  requestTimeout: requestMs,
  keepAliveTimeout: keepAliveTimeoutMs,
  connectionsCheckingInterval: lookMs,
});

/**
 * A server that listens nowhere yet. Its certificate files are read again when they change: who connects then has the new ones.
 * @param tell hears why they can't be; those from before hold
 * @throws {Error} when they can't be read now
 */
export function createHookServer(
  { tls }: Pick<HookSettings, 'tls'>,
  answer: RequestListener,
  tell: (why: string) => void,
  patience = usualPatience,
): HookServer {
  const asked = oneHost(answer);
  const server = tls ? secured(tls, asked, { tell, patience }) : createServer(limitsOf(patience), asked);
  server.maxConnections = mostConnections;
  return server;
}

/** How long requests that have arrived may still take once a signal stops the server. */
const graceMs = 10_000;
/** A connection that has had its last answer would be kept for the next request. */
const idleEveryMs = 50;

/** Takes no request any more, and is over once those that have arrived are answered, or the grace is. */
export async function closeInOrder(server: HookServer): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  const idle = setInterval(() => server.closeIdleConnections(), idleEveryMs);
  const grace = setTimeout(() => server.closeAllConnections(), graceMs);
  await closed;
  clearInterval(idle);
  clearTimeout(grace);
}

/** Who sends two Hosts means one to somebody and another to somebody else. Node itself refuses a request without one. */
const oneHost =
  (answer: RequestListener): RequestListener =>
  (request, response) => {
    const hosts = request.rawHeaders.filter((name, at) => at % 2 === 0 && name.toLowerCase() === 'host');
    if (hosts.length === 1) answer(request, response);
    else response.writeHead(400, { connection: 'close' }).end();
  };

interface Watching {
  readonly tell: (why: string) => void;
  readonly patience: Patience;
}

function secured(tls: NonNullable<HookSettings['tls']>, answer: RequestListener, { tell, patience }: Watching) {
  const files = filesOf(tls);
  const verifies = tls.clientCaFile !== undefined;
  const server = createTlsServer(
    {
      ...limitsOf(patience),
      ...files(),
      handshakeTimeout: patience.handshakeMs,
      requestCert: verifies,
      rejectUnauthorized: verifies,
    },
    answer,
  );
  let current = files();
  // Before the server's own handler, which makes the connection with what holds then.
  server.prependListener('connection', () => {
    try {
      const now = files();
      if (now !== current) server.setSecureContext(now);
      current = now;
    } catch (error) {
      tell((error as Error).message);
    }
  });
  return server;
}

/** The same object for as long as no file has changed. */
function filesOf({ certificateFile, keyFile, clientCaFile }: NonNullable<HookSettings['tls']>): () => TlsOptions {
  const read = [certificateFile, keyFile, ...(clientCaFile === undefined ? [] : [clientCaFile])].map((file) =>
    rereader(file, () => readText(file, mostOfCertificates)),
  );
  let known: { readonly parts: readonly string[]; readonly options: TlsOptions } | undefined;
  return () => {
    const parts = read.map((one) => one());
    if (known && parts.every((part, at) => part === known?.parts[at])) return known.options;
    const [cert, key, ca] = parts;
    const options = { cert, key, ...(ca && { ca }), minVersion: 'TLSv1.2' } as const;
    known = { parts, options };
    return options;
  };
}
