/** `cutover codec`: the listener on a port of this machine, until a signal stops it. */
import { getRequestListener } from '@hono/node-server';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { loadSettings } from '../../settings/load';
import { createCodec } from '../../temporal/codec';
import { Refused } from '../errors';
import { codecListener } from './listener';

export interface CodecServerOptions {
  readonly settings: string;
  readonly host: string;
  readonly port: number;
  /** The address of the Temporal UI. */
  readonly ui: string;
  readonly say: (line: string) => void;
}

/** Without CUTOVER_CODEC_TOKEN it makes a token for this run. @throws {Refused} when the settings have no codec */
export async function serveCodec({ settings, host, port, ui, say }: CodecServerOptions): Promise<void> {
  const { codec } = loadSettings(settings).temporal;
  if (!codec) throw new Refused(`${settings} has no "temporal.codec": nothing is encrypted.`);
  const token = process.env['CUTOVER_CODEC_TOKEN']?.trim() || randomBytes(24).toString('base64url');
  const app = codecListener({ codec: await createCodec(codec, process.env), ui: new URL(ui).origin, token });
  const answer = getRequestListener(app.fetch);
  const server = createServer((request, reply) => void answer(request, reply));
  server.listen(port, host);
  await once(server, 'listening');
  const { port: taken } = server.address() as AddressInfo;
  say(`Set as the codec server in the Temporal UI (the glasses at the top): http://${host}:${taken}/${token}`);
  await Promise.race([once(process, 'SIGTERM'), once(process, 'SIGINT')]);
  server.close();
  server.closeAllConnections();
}
