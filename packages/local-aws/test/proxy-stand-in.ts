/**
 * Stands in for the load balancer's control port, with the tests' key: it remembers the configuration, and reports the health that a test sets for a
 * target, or else whether the target accepts connections.
 */
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import type { CountReport, DataPlaneConfiguration, TargetState } from '../src/load-balancer/configuration';
import { afterKey } from '../src/control-key';
import { readBody } from '../src/protocol/server';

/** What it is told to begin its paths with. */
export const testControlKey = 'a-key-that-is-only-of-use-in-tests';

type Health = Pick<TargetState, 'state' | 'reason' | 'description'>;

export interface ProxyStandIn {
  readonly url: string;
  readonly configuration: () => DataPlaneConfiguration | undefined;
  /** Sets the health that is reported for the target on a port from now on. */
  setHealth(port: number, health: Health): void;
  /** Sets the counts that are reported from now on. */
  setCounts(counts: CountReport): void;
  /** The ways in which it was asked to end, one for each request. */
  readonly ended: readonly string[];
  close(): Promise<void>;
}

export async function startProxyStandIn(port = 0): Promise<ProxyStandIn> {
  let configuration: DataPlaneConfiguration | undefined;
  let revision = 1;
  const healthByPort = new Map<number, Health>();
  const since = new Map<string, { text: string; at: number }>();
  const waiting = new Set<() => void>();
  const changed = (): void => {
    revision++;
    waiting.forEach((answer) => answer());
  };
  const open = new Set<number>();
  const ended: string[] = [];
  let counted: CountReport = { run: '', now: 0, counts: [] };
  const probe = setInterval(() => {
    const ports = (configuration?.targetGroups ?? []).flatMap((group) => group.targets.map((target) => target.port));
    for (const target of ports) {
      void isOpen(target).then((isNow) => {
        if (isNow === open.has(target)) return;
        if (isNow) open.add(target);
        else open.delete(target);
        changed();
      });
    }
  }, 50);
  const healthOf = (target: number): Health =>
    healthByPort.get(target) ?? { state: open.has(target) ? 'healthy' : 'initial' };
  const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
    const url = new URL(afterKey(request.url, testControlKey) ?? '/', 'http://127.0.0.1');
    if (request.method === 'PUT') {
      void readBody(request).then((body) => {
        configuration = JSON.parse(body) as DataPlaneConfiguration;
        response.end();
        changed();
      });
      return;
    }
    if (request.method === 'POST') {
      ended.push(url.searchParams.get('how') ?? '');
      response.end();
      return;
    }
    if (url.pathname === '/counts') {
      response.end(JSON.stringify(counted));
      return;
    }
    const answer = (): void => {
      waiting.delete(answer);
      response.end(JSON.stringify({ revision, targets: statesOf(configuration, healthOf, since) }));
    };
    if (url.searchParams.get('after') !== `${revision}`) answer();
    else waiting.add(answer);
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    configuration: () => configuration,
    ended,
    setCounts: (counts) => {
      counted = counts;
    },
    setHealth: (target, health) => {
      healthByPort.set(target, health);
      changed();
    },
    close: () =>
      new Promise<void>((resolve) => {
        clearInterval(probe);
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function statesOf(
  configuration: DataPlaneConfiguration | undefined,
  healthOf: (port: number) => Health,
  since: Map<string, { text: string; at: number }>,
): TargetState[] {
  return (configuration?.targetGroups ?? []).flatMap((group) =>
    group.targets.map((target): TargetState => {
      const health = group.inUse ? healthOf(target.port) : { state: 'unused' as const };
      const key = `${group.arn} ${target.id} ${target.port} ${target.registeredAt}`;
      const text = JSON.stringify(health);
      if (since.get(key)?.text !== text) since.set(key, { text, at: Date.now() });
      const { id, port } = target;
      return { targetGroupArn: group.arn, id, port, ...health, since: since.get(key)?.at ?? 0, inFlight: 0 };
    }),
  );
}

async function isOpen(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy();
      resolve(true);
    });
    socket.on('error', () => resolve(false));
  });
}
