/** An application's live and test route, and how each is reached over HTTP. */
import type { ResolvedRunbookOptions } from '../../settings/runbook';
import { referenceIn } from '../../settings/conditions';
import type { ZoneSettings } from '../../settings/schema';
import type { Probe } from './unseen-rules';
import type { ListenerRule, ListenerRules, ObservedListener, RuleCondition } from './listener-rules';
import type { ApplicationIdentity } from '../names';
import { planRoute } from './route-plan';

/** How a route is reached over HTTP: every address of the load balancer's name, with the zone's Host. */
export interface RouteAddress {
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly dnsName: string;
  /** The DNS server that knows the name; the system's own when absent. */
  readonly resolver?: string;
  readonly port: number;
  readonly host: string;
  /** A value may stand for a secret, which whoever asks puts in its place. */
  readonly headers: Readonly<Record<string, string>>;
  /** How it is asked. Default: as the settings' defaults say. */
  readonly probe?: ProbeOptions;
  /** Whoever answers by HTTPS is trusted, as a load balancer trusts its targets. Default: no. */
  readonly unverified?: boolean;
}

/** PEM files, as the worker sees them. */
export interface ProbeFiles {
  /** Of a client certificate, for listeners that ask for one. */
  readonly certificateFile?: string | undefined;
  readonly keyFile?: string | undefined;
  /** Of authorities that are trusted beside the public ones. */
  readonly caFile?: string | undefined;
}

export interface ProbeOptions extends ProbeFiles {
  readonly family: 'any' | 'ipv4' | 'ipv6';
  /** Milliseconds between two rounds of a watch. */
  readonly everyMs: number;
}

/** Where each module is asked for, e.g. `/Orders`. */
export const publicPaths = (modules: readonly string[], paths: Readonly<Record<string, string>>) =>
  modules.map((module) => (Object.hasOwn(paths, module) ? paths[module] : undefined) ?? `/${module}`);

/** The hosts that requests for the zone bear. */
export const hostsOf = (zone: Pick<ZoneSettings, 'hosts' | 'address'>) =>
  zone.hosts.length > 0 ? zone.hosts : [new URL(zone.address).host];

/** What every probe's request for the zone bears, beside what its rules take of others. */
export const probeOf = (zone: Pick<ZoneSettings, 'hosts' | 'address' | 'conditions' | 'caseInsensitive'>): Probe => ({
  hosts: hostsOf(zone),
  onlyHosts: zone.hosts.length > 0,
  conditions: ownConditions(zone),
  anyCase: zone.caseInsensitive !== false,
});

export interface RoutesRequest {
  readonly application: ApplicationIdentity;
  readonly zone: ZoneSettings;
  /** Modules that are published under another path than their own name. */
  readonly paths: Readonly<Record<string, string>>;
  readonly options: ResolvedRunbookOptions;
}

export interface RoutedModules {
  readonly live: readonly string[];
  readonly test: readonly string[];
  readonly sticky: boolean;
  /** Where a rollback of a live rule leads; `null` when that is the default rule. */
  readonly blueTargetGroupArn: string | null;
  /** Another tool's rules that the live route takes over. */
  readonly adopted?: readonly ListenerRule[];
}

/** The listeners that an application's routes are on. */
export interface RouteListeners {
  readonly liveListener: ObservedListener;
  /** The live one when the zone has no other for its test routes. */
  readonly testListener: ObservedListener;
}

/** The live and the test route, and how each is reached. */
export function planRoutes(
  { application, zone, paths, options }: RoutesRequest,
  { liveListener, testListener }: RouteListeners,
  modules: RoutedModules,
) {
  const own = [...hostConditions(zone), ...ownConditions(zone)];
  const header = testHeader(zone);
  const common = {
    application,
    paths,
    hosts: hostsOf(zone),
    sticky: modules.sticky,
    limits: { pathMatching: zone.pathMatching, caseInsensitive: zone.caseInsensitive },
    priorities: zone.priorities,
    tags: zone.tags,
    blueTargetGroupArn: modules.blueTargetGroupArn,
  };
  return {
    liveRoute: planRoute({
      ...common,
      kind: 'live',
      modules: modules.live,
      listenerArn: liveListener.arn,
      listenerRules: liveListener.rules,
      conditions: own,
      adopted: modules.adopted ?? [],
      shared: options.shift.length > 1,
    }),
    testRoute: planRoute({
      ...common,
      kind: 'test',
      modules: modules.test,
      listenerArn: testListener.arn,
      listenerRules: testListener.rules,
      conditions: [...own, ...header],
    }),
    liveAddress: routeAddress(liveListener, zone, []),
    testAddress: routeAddress(testListener, zone, header),
  };
}

const hostConditions = ({ hosts }: ZoneSettings): RuleCondition[] =>
  hosts.length > 0 ? [{ field: 'host-header', values: hosts, regularExpressions: [] }] : [];

/** What every live rule of the zone, or of an application, asks for beside host and path. Test rules do, so that probes show it. */
export const ownConditions = ({ conditions }: Pick<ZoneSettings, 'conditions'>): RuleCondition[] =>
  conditions.map((one) =>
    'header' in one
      ? { field: 'http-header', header: one.header, values: one.values, regularExpressions: [] }
      : { field: 'source-ip', values: one.sourceIp, regularExpressions: [] },
  );

/** A listener with what the settings say of its requests. */
export const inZone = <Listener extends ListenerRules>(
  { conditions = [], platformServer }: Partial<Pick<ZoneSettings, 'conditions' | 'platformServer'>>,
  listener: Listener,
): Listener => ({ ...listener, met: ownConditions({ conditions }), platformServer: platformServer?.targetGroup });

/** A test listener needs none. */
function testHeader({ testListener, testRoute }: ZoneSettings): RuleCondition[] {
  if (testListener !== undefined || !testRoute) return [];
  return [{ field: 'http-header', header: testRoute.header, values: [testRoute.value], regularExpressions: [] }];
}

/** How a listener is reached. @param header what a rule asks of requests, where that is a header */
export function routeAddress(
  listener: Pick<ObservedListener, 'protocol' | 'port' | 'loadBalancerDnsName'>,
  zone: ZoneSettings,
  header: readonly RuleCondition[] = [],
): RouteAddress {
  const { resolver, every, patience: _, ...probe } = zone.probe;
  return {
    protocol: listener.protocol,
    dnsName: listener.loadBalancerDnsName,
    ...(resolver !== undefined && { resolver }),
    port: listener.port,
    host: hostsOf(zone)[0]?.replace(/[*?]/g, 'x') ?? '',
    probe: { ...probe, everyMs: every },
    headers: Object.fromEntries(
      [...ownConditions(zone), ...header].flatMap(({ header: name, values: [value = ''] }) =>
        name === undefined ? [] : [[name, referenceIn(value) ? value : value.replace(/[*?]/g, 'x')]],
      ),
    ),
  };
}
