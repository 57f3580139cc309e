/** A load balancer as probes see it: nodes that a name has, each with a server of its own that counts. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { DescribeTargetHealthCommandOutput } from '@aws-sdk/client-elastic-load-balancing-v2';
import { MockActivityEnvironment } from '@temporalio/testing';
import type { AwsDependencies } from '../../../activities/aws/dependencies';
import { probesOf, type Probes } from '../../../activities/probes';

export interface ProbedServer {
  readonly port: number;
  /** The paths that were asked for, in their order. */
  readonly asked: string[];
  connections: number;
  mostUnderWay: number;
  close(): Promise<void>;
}

export async function serve(
  answer: (path: string, times: number, response: ServerResponse) => void,
  at: { readonly host?: string; readonly port?: number } = {},
): Promise<ProbedServer> {
  const sockets = new Set<Socket>();
  let underWay = 0;
  const server = createServer((request: IncomingMessage, response) => {
    const path = request.url ?? '';
    probed.asked.push(path);
    probed.mostUnderWay = Math.max(probed.mostUnderWay, ++underWay);
    response.once('close', () => (underWay -= 1));
    answer(path, probed.asked.filter((one) => one === path).length, response);
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    probed.connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(at.port ?? 0, at.host ?? '127.0.0.1', resolve));
  const probed: ProbedServer = {
    port: (server.address() as AddressInfo).port,
    asked: [],
    connections: 0,
    mostUnderWay: 0,
    close: async () => {
      sockets.forEach((socket) => socket.destroy());
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return probed;
}

export const says =
  (status: number, text = '') =>
  (_path: string, _times: number, response: ServerResponse) =>
    void response.writeHead(status).end(text);

/** What DescribeTargetHealth answers: these targets are healthy. */
export const targetsAt = (targets: readonly { readonly Id: string; readonly Port: number }[]): AwsDependencies => {
  const answer: Partial<DescribeTargetHealthCommandOutput> = {
    TargetHealthDescriptions: targets.map((Target) => ({ Target, TargetHealth: { State: 'healthy' } })),
  };
  return { clientsOf: () => ({ elb: { send: () => Promise.resolve(answer) } }) as never };
};

export const site = { region: 'eu-west-1', cluster: 'outsystems', runId: 'run-1' };

export const routeTo = (port: number, dnsName = '127.0.0.1') => ({
  protocol: 'HTTP' as const,
  dnsName,
  port,
  host: 'apps.example.com',
  headers: {},
  probe: { family: 'any' as const, everyMs: 40 },
});

/** @param waitedMs for how long the activity has been waiting already */
export const probing = async <T>(
  ask: (probes: Probes) => Promise<T>,
  {
    aws = targetsAt([]),
    waitedMs = 0,
    activity = new MockActivityEnvironment({ scheduledTimestampMs: Date.now() - waitedMs }),
  } = {},
): Promise<T> => (await activity.run(() => ask(probesOf(aws)))) as T;
