/** A listener that stands in for the external deployment tool: it records the calls, and answers as a test wants. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

export interface ReceivedCall {
  readonly method: string;
  readonly secret: string | null;
  /** The parameters, decoded. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** How a call is answered: a status other than 200, or the content of the result file; `undefined` writes none. */
export type Reaction = (call: ReceivedCall) => Promise<number | string | undefined> | number | string | undefined;

export const endings: Readonly<Record<string, string>> = {
  ContainerBuild: 'preparedone',
  ContainerRun: 'deploydone',
  UpdateConfigurations: 'configsdone',
  ContainerRemove: 'undeploydone',
};

export interface StandIn {
  readonly url: string;
  readonly calls: ReceivedCall[];
  react: Reaction;
  readonly close: () => Promise<void>;
}

export async function standInForHooks(): Promise<StandIn> {
  const server = createServer((request, response) => {
    const call = received(request.url ?? '');
    standIn.calls.push(call);
    void (async () => {
      const reaction = await standIn.react(call);
      response.writeHead(typeof reaction === 'number' ? reaction : 200).end('Said by the hook.');
      if (typeof reaction === 'string') writeAnswer(call, reaction);
    })();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const standIn: StandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    react: () => '',
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return standIn;
}

function received(requestUrl: string): ReceivedCall {
  const { pathname, searchParams } = new URL(requestUrl, 'http://hooks');
  const own = [...searchParams].filter(([name]) => name !== 'secret');
  return {
    method: pathname.split('/').at(-1) ?? '',
    secret: searchParams.get('secret'),
    parameters: Object.fromEntries(own.map(([name, value]) => [name, Buffer.from(value, 'base64').toString('utf8')])),
  };
}

export function writeAnswer({ method, parameters }: ReceivedCall, content: string): void {
  const { ResultPath = '', ApplicationKey, OperationId } = parameters;
  writeFileSync(join(ResultPath, `${ApplicationKey}_${OperationId}.${endings[method]}`), content);
}
