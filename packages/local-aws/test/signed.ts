/** Requests signed by the AWS SDK's own signer, for what its clients wouldn't send. */
import { createHash, createHmac } from 'node:crypto';
import { SignatureV4 } from '@smithy/signature-v4';

export interface Raw {
  readonly service: string;
  readonly method?: string;
  readonly body?: string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** When it was signed. Default: now. */
  readonly at?: Date;
}

/** What `fetch` takes for a signed request to this address. */
export async function signed(
  address: string,
  {
    service,
    method = 'POST',
    body,
    headers = {},
    credentials = { accessKeyId: 'test', secretAccessKey: 'test' },
    at,
  }: Raw,
): Promise<{ method: string; headers: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> }> {
  const { protocol, hostname, port, host, pathname, searchParams } = new URL(address);
  const signer = new SignatureV4({ service, region: 'us-east-1', credentials, sha256: Sha256 });
  const request = {
    protocol,
    hostname,
    port: Number(port),
    method,
    path: pathname,
    query: Object.fromEntries(searchParams),
    headers: { ...headers, host },
    ...(body !== undefined && { body }),
  };
  const { headers: all } = await signer.sign(request, { signingDate: at ?? new Date() });
  const { host: _, ...sent } = all;
  return { method, headers: sent, ...(body !== undefined && { body: body as string }) };
}

class Sha256 {
  readonly #hash;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
  reset(): void {}
}
