/**
 * Decrypts and encrypts for the Temporal UI and its command line: Temporal's codec server protocol. It answers whoever has the
 * token, and of browsers only the Temporal UI's pages: whoever it answers reads every history.
 * https://docs.temporal.io/codec-server
 */
import type { Payload, PayloadCodec } from '@temporalio/common';
import { Hono, type Context } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { z } from 'zod';
import { equalTo } from '../../settings/secrets';

export interface CodecListenerOptions {
  readonly codec: PayloadCodec;
  /** `scheme://host:port` of the Temporal UI. */
  readonly ui: string;
  readonly token: string;
}

/** The UI decodes a page of a history at once. */
const longestBody = 32 * 1024 * 1024;

/** `POST /<token>/decode` and `/encode`, or without the token in the path and with it as `Authorization: Bearer <token>`. */
export function codecListener({ codec, ui, token }: CodecListenerOptions): Hono {
  const app = new Hono();
  app.use('*', async (context, next) => {
    const origin = context.req.header('origin');
    if (origin !== undefined && origin !== ui) return context.text('This page may not ask.', 403);
    if (origin !== undefined) allow(context, ui);
    return context.req.method === 'OPTIONS' ? context.body(null, 204) : await next();
  });
  app.use('*', bodyLimit({ maxSize: longestBody }));
  const isToken = equalTo(token);
  for (const direction of ['encode', 'decode'] as const) {
    const answer = async (context: Context) => {
      const bearer = /^Bearer (.+)$/i.exec(context.req.header('authorization') ?? '')?.[1];
      if (!isToken(context.req.param('token') ?? bearer)) return context.text('The token is missing or wrong.', 401);
      return await convert(context, codec, direction);
    };
    app.post(`/${direction}`, answer);
    app.post(`/:token/${direction}`, answer);
  }
  return app;
}

function allow(context: Context, ui: string): void {
  context.header('Access-Control-Allow-Origin', ui);
  context.header('Access-Control-Allow-Methods', 'POST');
  context.header('Access-Control-Allow-Headers', 'authorization, content-type, x-namespace');
  // A page of the network asks a server of this machine: https://wicg.github.io/private-network-access/
  context.header('Access-Control-Allow-Private-Network', 'true');
  context.header('Vary', 'Origin');
}

/** Payloads as protocol buffers are in JSON: bytes in base64. */
const sent = z.object({
  payloads: z.array(z.object({ metadata: z.record(z.string(), z.base64()).default({}), data: z.base64().default('') })),
});
type Sent = z.infer<typeof sent>['payloads'][number];

const mapValues = <From, To>(values: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value)]));
const fromBase64 = (text: string): Uint8Array => Buffer.from(text, 'base64');
const toBase64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');

const read = ({ metadata, data }: Sent): Payload => ({
  metadata: mapValues(metadata, fromBase64),
  data: fromBase64(data),
});
const write = ({ metadata, data }: Payload): Sent => ({
  metadata: mapValues(metadata ?? {}, toBase64),
  data: toBase64(data ?? new Uint8Array()),
});

async function convert(context: Context, codec: PayloadCodec, direction: 'encode' | 'decode'): Promise<Response> {
  const body = sent.safeParse(await context.req.json().catch(() => undefined));
  if (!body.success)
    return context.text('Expected {"payloads": [{"metadata": {…}, "data": "…"}]}, bytes in base64.', 400);
  const converted = await codec[direction](body.data.payloads.map(read));
  return context.json({ payloads: converted.map(write) });
}
