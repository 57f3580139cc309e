/** How what a deployment starts differs from blue in its service and target group, and which line of the settings wants it so. */
import type { Observed, ServiceSettings } from '../observed/observed';
import type { DeploymentPlan } from '../plans/deployment';
import { settingsOfPlan } from '../plans/target-group';
import { fixedDifferences } from '../twin/fixed';
import { differences } from './differences';

/** Where a setting of the application or its zone is written, as `cutover.yaml:12`; `undefined` where it isn't. */
export type PlaceOf = (path: readonly string[]) => string | undefined;

/** A line a difference, `name: now → then`. */
export interface SettingsChanges {
  readonly service: readonly string[];
  readonly targetGroup: readonly string[];
}

interface Facts {
  readonly observed: Pick<Observed, 'slots' | 'foreign'>;
  readonly placeOf?: PlaceOf | undefined;
}

/** What differs through one listener; the service is the same through each. */
export function settingsChanges(
  { blue, green }: Pick<DeploymentPlan, 'blue' | 'green'>,
  { observed, placeOf }: Facts,
): SettingsChanges {
  if (blue.kind === 'platformServer') return { service: [], targetGroup: [] };
  const twin = blue.kind === 'adopted' ? observed.foreign : observed.slots.find(({ slot }) => slot === blue.slot);
  const { service, healthCheck, attributes, fixed } = twin ?? {};
  const [now, wanted] = [inOrder(service?.settings ?? {}), inOrder(green.service.settings)];
  const gone = Object.keys(now).filter((name) => !(name in wanted));
  return {
    service: withPlaces([...differences(wanted, now), ...gone.map((name) => `- ${name}`)], placeOf),
    targetGroup: withPlaces(
      [
        ...(fixed ? fixedDifferences(green.targetGroup, fixed) : []),
        ...differences(settingsOfPlan(green.targetGroup), { ...healthCheck, ...attributes }),
      ],
      placeOf,
    ),
  };
}

/** AWS promises no order of lists where it means none. */
function inOrder(settings: ServiceSettings): ServiceSettings {
  const { networkConfiguration, capacityProviderStrategy } = settings;
  const { subnets = [], securityGroups = [], ...network } = networkConfiguration?.awsvpcConfiguration ?? {};
  const awsvpcConfiguration = {
    ...network,
    subnets: subnets.toSorted(),
    securityGroups: securityGroups.toSorted(),
  };
  const byProvider = capacityProviderStrategy?.toSorted((one, other) =>
    String(one.capacityProvider).localeCompare(String(other.capacityProvider)),
  );
  return {
    ...settings,
    ...(networkConfiguration && { networkConfiguration: { awsvpcConfiguration } }),
    ...(byProvider && { capacityProviderStrategy: byProvider }),
  };
}

/** The settings that AWS's members come from, by how the name of a difference begins; the first that fits. */
const settings: readonly (readonly [string, readonly string[]])[] = [
  ['healthCheckGracePeriodSeconds', ['service', 'healthCheckGracePeriod']],
  ['deploymentConfiguration.minimumHealthyPercent', ['service', 'minimumHealthyPercent']],
  ['deploymentConfiguration.maximumPercent', ['service', 'maximumPercent']],
  ['networkConfiguration', ['network']],
  ['deregistration_delay.timeout_seconds', ['targetGroup', 'deregistrationDelay']],
  ['HealthCheckProtocol', ['targetGroup', 'protocol']],
  ['HealthCheckPath', ['targetGroup', 'healthCheck', 'path']],
  ['HealthCheckIntervalSeconds', ['targetGroup', 'healthCheck', 'interval']],
  ['HealthCheckTimeoutSeconds', ['targetGroup', 'healthCheck', 'timeout']],
  ['HealthyThresholdCount', ['targetGroup', 'healthCheck', 'healthyThreshold']],
  ['UnhealthyThresholdCount', ['targetGroup', 'healthCheck', 'unhealthyThreshold']],
  ['Matcher', ['targetGroup', 'healthCheck', 'matcher']],
  ['vpcId', ['targetGroup', 'vpc']],
];

/** Each difference with the line that wants it, where that is known. */
export const withPlaces = (lines: readonly string[], placeOf: PlaceOf = () => undefined): string[] =>
  lines.map((line) => {
    const place = placeFor(line.replace(/^- /, '').split(': ')[0] ?? '', placeOf);
    return place === undefined ? line : `${line} (${place})`;
  });

function placeFor(name: string, placeOf: PlaceOf): string | undefined {
  const named = settings.find(([start]) => name.startsWith(start));
  if (named) return placeOf(named[1]);
  if (name.includes('.logConfiguration.')) return placeOf(['container', 'logGroup']);
  const parts = name.split('.').filter((part) => part !== 'value');
  const [member = '', , ...inContainer] = parts;
  if (member === 'containerDefinitions')
    return placeOf(['container', ...inContainer]) ?? longestPlace(['taskDefinition', ...parts], placeOf);
  const places = ['taskDefinition', 'service', 'targetGroup'].map((group) => longestPlace([group, ...parts], placeOf));
  return places.find((place) => place !== undefined) ?? placeOf(['targetGroup', 'attributes', name]);
}

/** The place of the most of a path that the file has, of two names at least: a list without names is written as a whole. */
function longestPlace(path: readonly string[], placeOf: PlaceOf): string | undefined {
  const place = placeOf(path);
  return place !== undefined || path.length <= 2 ? place : longestPlace(path.slice(0, -1), placeOf);
}
