/** Stands in for the load balancer's control port: keeps what it is told, and reports the health a test gives it. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { DataPlaneConfiguration, TargetState } from '../../../local/aws/proxy/configuration';
import { readBody } from '../../../local/aws/protocol/server';

export interface ProxyStandIn {
  readonly url: string;
  readonly configuration: () => DataPlaneConfiguration | undefined;
  /** What targets are reported as from now on, by port; others are healthy. */
  setHealth(port: number, health: Pick<TargetState, 'state' | 'reason' | 'description'>): void;
  close(): Promise<void>;
}

export async function startProxyStandIn(port = 0): Promise<ProxyStandIn> {
  let configuration: DataPlaneConfiguration | undefined;
  let revision = 1;
  const healthByPort = new Map<number, Pick<TargetState, 'state' | 'reason' | 'description'>>();
  const since = new Map<string, { text: string; at: number }>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    revision++;
    waiting.forEach((answer) => answer());
  };
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (request.method === 'PUT') {
      void readBody(request).then((body) => {
        configuration = JSON.parse(body) as DataPlaneConfiguration;
        response.end();
        changed();
      });
      return;
    }
    const answer = (): void => {
      waiting.delete(answer);
      response.end(JSON.stringify({ revision, targets: statesOf(configuration, healthByPort, since) }));
    };
    if (url.searchParams.get('after') !== `${revision}`) answer();
    else waiting.add(answer);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    configuration: () => configuration,
    setHealth: (target, health) => {
      healthByPort.set(target, health);
      changed();
    },
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function statesOf(
  configuration: DataPlaneConfiguration | undefined,
  healthByPort: ReadonlyMap<number, Pick<TargetState, 'state' | 'reason' | 'description'>>,
  since: Map<string, { text: string; at: number }>,
): TargetState[] {
  return (configuration?.targetGroups ?? []).flatMap((group) =>
    group.targets.map((target): TargetState => {
      const health = group.inUse
        ? (healthByPort.get(target.port) ?? { state: 'healthy' as const })
        : { state: 'unused' as const };
      const key = `${group.arn} ${target.id} ${target.port} ${target.registeredAt}`;
      const text = JSON.stringify(health);
      if (since.get(key)?.text !== text) since.set(key, { text, at: Date.now() });
      const { id, port } = target;
      return { targetGroupArn: group.arn, id, port, ...health, since: since.get(key)?.at ?? 0, inFlight: 0 };
    }),
  );
}
