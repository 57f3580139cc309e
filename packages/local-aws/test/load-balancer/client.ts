/** A client that shows everything that it received, even of a request that failed. Each request has its own connection. */
import { Agent, type RequestOptions, request } from 'node:http';

export interface Received {
  readonly status: number | undefined;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
  /** The connection's error, e.g. ECONNRESET. */
  readonly error: string | undefined;
}

/** An agent that sends all requests on one connection, one after the other. */
export const oneConnection = (): Agent => new Agent({ keepAlive: true, maxSockets: 1 });

export function get(url: string, { body, ...options }: RequestOptions & { body?: string } = {}): Promise<Received> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const outgoing = request(url, { agent: false, ...options }, (response) => {
      const finish = (error?: NodeJS.ErrnoException) =>
        resolve({
          status: response.statusCode,
          headers: response.headers,
          body: Buffer.concat(chunks).toString(),
          error: error?.code,
        });
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => finish());
      response.on('error', finish);
    });
    outgoing.on('error', ({ code }: NodeJS.ErrnoException) =>
      resolve({ status: undefined, headers: {}, body: '', error: code }),
    );
    outgoing.end(body);
  });
}
