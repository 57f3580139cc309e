/** A channel of the stack that takes the news of one application, beside one that nobody can reach. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { changeSettings } from '../../../local/stack/settings';
import { stack } from './live-application';

interface Listening {
  /** The kinds of what came, in its order, once there is this one. What came again, with the same ID, counts once, as for every receiver. */
  readonly until: (kind: string) => Promise<string[]>;
}

/** Only for one file at a time: it sets the channels of the whole stack. */
export async function listening(application: string): Promise<Listening> {
  const came = new Map<string, string>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => {
      const { events } = JSON.parse(body) as { readonly events: readonly { id: string; kind: string }[] };
      for (const { id, kind } of events) came.set(id, kind);
      response.writeHead(204).end();
    });
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  // Any file with some bytes will do as a secret.
  const common = { kind: 'webhook', secret: { file: stack().settings }, applications: [application] };
  const channels = [
    { ...common, name: 'heard', url: `http://127.0.0.1:${port}` },
    { ...common, name: 'unheard', url: 'http://127.0.0.1:9' },
  ];
  await changeSettings(stack().settings, [{ path: ['notifications'], value: { channels } }]);
  return {
    until: async (kind) => {
      while (![...came.values()].includes(kind)) await new Promise((resolve) => setTimeout(resolve, 100));
      server.close();
      return [...came.values()];
    },
  };
}
