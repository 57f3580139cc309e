/** The server that the listener runs in: how much strangers may take of it, and who may connect to it at all. */
import { readFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerOptions } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { TlsOptions } from 'node:tls';
import { rereader } from '../settings/files/reread';
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

const limits: ServerOptions = {
  maxHeaderSize: longestHeadBytes,
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  keepAliveTimeout: keepAliveTimeoutMs,
  // Both times are looked at so often.
  connectionsCheckingInterval: 2_000,
};
const handshakeTimeoutMs = 5_000;

/**
 * A server that listens nowhere yet. Its certificate files are read again when they change: who connects then has the new ones.
 * @param tell hears why they can't be; those from before hold
 * @throws {Error} when they can't be read now
 */
export function createHookServer(
  { tls }: Pick<HookSettings, 'tls'>,
  answer: RequestListener,
  tell: (why: string) => void,
): HookServer {
  const server = tls ? secured(tls, answer, tell) : createServer(limits, answer);
  server.maxConnections = mostConnections;
  return server;
}

function secured(tls: NonNullable<HookSettings['tls']>, answer: RequestListener, tell: (why: string) => void) {
  const files = filesOf(tls);
  const verifies = tls.clientCaFile !== undefined;
  const server = createTlsServer(
    {
      ...limits,
      ...files(),
      handshakeTimeout: handshakeTimeoutMs,
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
    rereader(file, () => readFileSync(file)),
  );
  let known: { readonly parts: readonly Buffer[]; readonly options: TlsOptions } | undefined;
  return () => {
    const parts = read.map((one) => one());
    if (known && parts.every((part, at) => part === known?.parts[at])) return known.options;
    const [cert, key, ca] = parts;
    const options = { cert, key, ...(ca && { ca }), minVersion: 'TLSv1.2' } as const;
    known = { parts, options };
    return options;
  };
}
