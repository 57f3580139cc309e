/** A load balancer for a test: a real proxy, real targets on free ports, and configurations with only what matters. */
import { mkdtemp, rm } from 'node:fs/promises';
import { type RequestListener, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Action, RuleCondition } from '@aws-sdk/client-elastic-load-balancing-v2';
import type {
  DataPlaneConfiguration,
  NodeConfiguration,
  RuleConfiguration,
  TargetConfiguration,
  TargetGroupConfiguration,
  TargetReport,
  TargetState,
} from '../../src/load-balancer/configuration';
import { type Proxy, runProxy } from '../../src/load-balancer/process/main';
import { freePort } from '../free-port';
import { testControlKey } from '../proxy-stand-in';

export const silent = { info: () => undefined, warn: () => undefined };

export interface Backend {
  readonly port: number;
  readonly requests: () => number;
  close(): Promise<void>;
}

/** A server that keeps idle connections for longer than the load balancer does. */
export async function startServer(answer: RequestListener): Promise<Omit<Backend, 'requests'>> {
  const server = createServer({ keepAliveTimeout: 120_000 }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A target that answers its health checks on `/health` with 200, and everything else by `answer`. */
export async function startBackend(answer: RequestListener, health: () => number = () => 200): Promise<Backend> {
  let requests = 0;
  const server = await startServer((request, response) => {
    if (request.url === '/health') {
      response.writeHead(health()).end();
      return;
    }
    requests += 1;
    answer(request, response);
  });
  return { ...server, requests: () => requests };
}

export const named =
  (name: string): RequestListener =>
  (_, response) =>
    void response.end(name);

export const groupArn = (name: string) => `arn:aws:elasticloadbalancing:local:000000000000:targetgroup/${name}/1`;
export const listenerArn = 'arn:aws:elasticloadbalancing:local:000000000000:listener/app/lb/1/1';
const loadBalancerArn = 'arn:aws:elasticloadbalancing:local:000000000000:loadbalancer/app/lb/1';

export function target(port: number, more: Partial<TargetConfiguration> = {}): TargetConfiguration {
  return { id: '127.0.0.1', port, address: '127.0.0.1', registeredAt: 1, ...more };
}

export function group(
  name: string,
  targets: readonly TargetConfiguration[],
  more: Partial<TargetGroupConfiguration> = {},
): TargetGroupConfiguration {
  const healthCheck = {
    enabled: true,
    path: '/health',
    port: 'traffic-port',
    intervalSeconds: 5,
    timeoutSeconds: 2,
    healthyThresholdCount: 2,
    unhealthyThresholdCount: 2,
    matcher: '200',
  };
  const attributes = { 'deregistration_delay.timeout_seconds': '300', ...more.attributes };
  return { arn: groupArn(name), name, inUse: true, healthCheck, targets, ...more, attributes };
}

/** The settings of a group whose targets aren't checked and are all in service. */
export const unchecked = { healthCheck: { ...group('g', []).healthCheck, enabled: false } };

export const forwardTo = (name: string): Action => ({ Type: 'forward', TargetGroupArn: groupArn(name) });

export function split(shares: Readonly<Record<string, number>>, stickySeconds?: number): Action {
  const groups = Object.entries(shares).map(([name, Weight]) => ({ TargetGroupArn: groupArn(name), Weight }));
  const sticky = { TargetGroupStickinessConfig: { Enabled: true, DurationSeconds: stickySeconds } };
  return { Type: 'forward', ForwardConfig: { TargetGroups: groups, ...(stickySeconds === undefined ? {} : sticky) } };
}

export const path = (...values: string[]): RuleCondition => ({
  Field: 'path-pattern',
  PathPatternConfig: { Values: values },
});

export function rule(
  priority: number | 'default',
  conditions: readonly RuleCondition[],
  action: Action,
  transforms: RuleConfiguration['transforms'] = [],
): RuleConfiguration {
  return { arn: `${listenerArn}/${priority}`, priority, conditions, actions: [action], transforms };
}

/** Health checks come every 50 ms, and rule changes take effect at once, unless a test sets them otherwise. */
export const timeScale = 100;

export interface Setup {
  readonly groups: readonly TargetGroupConfiguration[];
  readonly rules: readonly RuleConfiguration[];
  readonly attributes?: Readonly<Record<string, string>>;
  readonly propagation?: DataPlaneConfiguration['propagation'];
  readonly timeScale?: number;
  /** Default: one for each of `addresses`, in zones of their own. */
  readonly nodes?: readonly NodeConfiguration[];
}

export interface DataPlane {
  readonly url: string;
  readonly port: number;
  readonly proxy: Proxy;
  configure(setup: Setup): Promise<unknown>;
  /** Configures the same as last time, but without listeners. */
  withoutListeners(): Promise<unknown>;
  report(after?: number): Promise<TargetReport>;
  /** Resolves when every named target is in the state wanted. */
  until(wanted: (targets: readonly TargetState[]) => boolean): Promise<readonly TargetState[]>;
  untilHealthy(): Promise<unknown>;
  close(): Promise<void>;
}

export const loginKey = 'the key of this test';

export const dnsName = 'lb-1.elb.localhost';

/** Those of two nodes; both of this one machine. */
export const addresses = ['127.0.0.1', '127.0.0.2'] as const;

export function configurationOf(setup: Setup, port: number, version: number): DataPlaneConfiguration {
  return {
    version,
    timeScale: setup.timeScale ?? timeScale,
    loginKey,
    propagation: setup.propagation ?? { batchSeconds: 0, jitterSeconds: 0 },
    loadBalancers: [
      {
        arn: loadBalancerArn,
        name: 'lb',
        dnsName,
        nodes: setup.nodes ?? addresses.map((address, index) => ({ address, zone: `zone-${index}` })),
        attributes: setup.attributes ?? {},
      },
    ],
    listeners: [{ arn: listenerArn, loadBalancerArn, protocol: 'HTTP', port, rules: setup.rules }],
    targetGroups: setup.groups,
  };
}

export async function put(controlUrl: string, configuration: DataPlaneConfiguration): Promise<unknown> {
  const response = await fetch(`${controlUrl}/configuration`, { method: 'PUT', body: JSON.stringify(configuration) });
  return await response.json();
}

export async function readReport(controlUrl: string, after?: number): Promise<TargetReport> {
  const response = await fetch(`${controlUrl}/targets${after === undefined ? '' : `?after=${after}`}`);
  return (await response.json()) as TargetReport;
}

/** Follows the reports, as the control plane does. */
export async function untilTargets(
  controlUrl: string,
  wanted: (targets: readonly TargetState[]) => boolean,
): Promise<readonly TargetState[]> {
  let report = await readReport(controlUrl);
  while (!wanted(report.targets)) report = await readReport(controlUrl, report.revision);
  return report.targets;
}

export const allHealthy = (targets: readonly TargetState[]) => targets.every(({ state }) => state === 'healthy');

export async function startDataPlane(setup: Setup): Promise<DataPlane> {
  const folder = await mkdtemp(join(tmpdir(), 'proxy-'));
  const proxy = await runProxy({ folder, controlPort: 0, controlKey: testControlKey, log: silent });
  const port = await freePort();
  let version = 0;
  let latest = setup;
  const configure = (next: Setup) => {
    latest = next;
    return put(proxy.controlUrl, configurationOf(next, port, ++version));
  };
  await configure(setup);
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    proxy,
    configure,
    withoutListeners: () => put(proxy.controlUrl, { ...configurationOf(latest, port, ++version), listeners: [] }),
    report: (after) => readReport(proxy.controlUrl, after),
    until: (wanted) => untilTargets(proxy.controlUrl, wanted),
    untilHealthy: () => untilTargets(proxy.controlUrl, allHealthy),
    async close() {
      await proxy.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Ends what a test started, beginning with the last. */
export function cleanUpAfterEach(): <T extends { close(): Promise<void> }>(resource: T) => T {
  const resources: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const resource of resources.splice(0).reverse()) await resource.close();
  });
  return (resource) => {
    resources.push(resource);
    return resource;
  };
}

export async function eventually<T>(look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
