/**
 * Where probes may go. What an activity is told to ask may come from anybody who reaches Temporal, so it is held against the
 * settings before it is asked: the zone's own load balancers, hosts and headers, and paths of one segment.
 */
import { referenceIn, type ConditionSettings } from '../../settings/conditions';
import type { ZoneSettings } from '../../settings/schema';
import { Refusal } from '../refusal';
import { hostsOf, type RouteAddress } from './live-and-test-routes';

/** A listener as AWS describes it. */
export type ReachedListener = Pick<RouteAddress, 'protocol' | 'port' | 'dnsName'>;

/** A zone as far as probes are concerned. */
export interface ProbedZone {
  readonly name: string;
  readonly zone: ZoneSettings;
  /** The zone's, its test routes', and those of each of its applications. */
  readonly conditions: readonly ConditionSettings[];
  readonly listeners: readonly ReachedListener[];
}

/**
 * The route, as it may be asked: the DNS server and the certificate files are those of the settings, whatever it says.
 * @throws {Refusal} for one that leads elsewhere than to a listener of the zone, or bears what the zone's requests don't
 */
export function ownRoute(route: RouteAddress, probed: ProbedZone): RouteAddress {
  const { name, zone, listeners } = probed;
  const isOwn = listeners.some(
    ({ protocol, port, dnsName }) =>
      protocol === route.protocol && port === route.port && dnsName.toLowerCase() === route.dnsName.toLowerCase(),
  );
  if (!isOwn) throw stranger(`${route.protocol} ${route.dnsName} port ${route.port}`, name);
  if (!hostsOfEach(zone).includes(route.host)) throw stranger(`the host ${JSON.stringify(route.host)}`, name);
  for (const [header, value] of Object.entries(route.headers))
    if (!isOwnHeader(header, value, probed)) throw stranger(`a header ${header} of this kind`, name);
  const { resolver, certificateFile, keyFile, caFile } = zone.probe;
  const { protocol, port, dnsName, host, headers, probe } = route;
  return {
    protocol,
    port,
    dnsName,
    host,
    headers,
    ...(resolver !== undefined && { resolver }),
    ...(probe && { probe: { family: probe.family, everyMs: probe.everyMs, certificateFile, keyFile, caFile } }),
  };
}

/** What the settings take of an application's modules, asked for by two ways. */
const mostPaths = 2_000;

/** @throws {Refusal} for what isn't one segment that a module can have, such as `/Orders`, and for more than an application has */
export function refusePaths(paths: readonly string[]): void {
  if (paths.length > mostPaths)
    throw new Refusal(`${paths.length} paths are more than the ${mostPaths} of any application: nothing was asked.`);
  const strange = paths.find((path) => !/^\/(?!\.{1,2}$)[A-Za-z0-9_.~-]{1,100}$/.test(path));
  if (strange !== undefined)
    throw new Refusal(`${JSON.stringify(strange).slice(0, 200)} is no module's path: nothing was asked.`);
}

const hostsOfEach = (zone: ZoneSettings): string[] =>
  [zone, ...(zone.otherListeners ?? [])]
    .flatMap(({ hosts, address }) => [...hostsOf({ hosts, address })])
    .map((host) => host.replace(/[*?]/g, 'x'));

/** A secret is only sent in the header that the settings have it for. */
function isOwnHeader(header: string, value: string, { conditions }: ProbedZone): boolean {
  const isNamed = (other: string) => other.toLowerCase() === header.toLowerCase();
  const named = conditions.flatMap((one) => ('header' in one && isNamed(one.header) ? [one.values] : []));
  if (referenceIn(value) !== undefined) return named.flat().includes(value);
  return named.length > 0 && /^(?!\$\{)[\x20-\x7e]{1,1024}$/.test(value);
}

const stranger = (what: string, zone: string) =>
  new Refusal(
    `Nothing of zone ${zone} in the settings has ${what}, so it was not asked: probes go to the zone's own load balancers. If the settings were changed meanwhile, put it back there, then retry.`,
  );
