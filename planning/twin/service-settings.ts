/** What a service is like: the settings say what is wanted, its twin what they don't say, and defaults the rest. */
import { runsOnFargate, serviceDefaults } from '../../settings/tasks/service';
import { isWindows, type PlatformSettings } from '../../settings/tasks/task-definition';
import type { ZoneSettings } from '../../settings/schema';
import type { ServiceSettings } from '../observed/observed';

type Zone = Pick<ZoneSettings, 'service' | 'network'> & Partial<Pick<ZoneSettings, 'taskDefinition' | 'platform'>>;

/**
 * @param twin blue's service; absent where there is none
 * @param networkMode its tasks': only with `awsvpc` they have a network of their own
 */
export function planServiceSettings(
  { service, network, ...platform }: Zone,
  twin: ServiceSettings = {},
  networkMode: string | undefined = 'awsvpc',
): ServiceSettings {
  const { healthCheckGracePeriod: grace, minimumHealthyPercent, maximumPercent, ...named } = service;
  const {
    networkConfiguration,
    launchType: _one,
    capacityProviderStrategy: _other,
    platformVersion,
    ...kept
  } = {
    ...twin,
    ...definedOf(named),
  };
  const networked = network ? awsvpc(network) : networkConfiguration;
  const capacity = capacityOf(service, twin);
  const percents = { ...serviceDefaults, ...twin.deploymentConfiguration };
  return {
    healthCheckGracePeriodSeconds: gracePeriodMs(platform) / 1000,
    ...kept,
    ...(grace !== undefined && { healthCheckGracePeriodSeconds: grace / 1000 }),
    ...capacity,
    ...(platformVersion !== undefined && isFargate(capacity) && { platformVersion }),
    ...(runsOnFargate(capacity) && placedByFargate(kept)),
    deploymentConfiguration: {
      minimumHealthyPercent: minimumHealthyPercent ?? percents.minimumHealthyPercent,
      maximumPercent: maximumPercent ?? percents.maximumPercent,
    },
    ...(networked && networkMode === 'awsvpc' && { networkConfiguration: networked }),
  };
}

/** Fargate places tasks itself, and takes neither of blue's on instances; an empty list takes them from a slot that has them. */
const placedByFargate = ({ placementConstraints, placementStrategy }: ServiceSettings): ServiceSettings => ({
  ...(placementConstraints && { placementConstraints: [] }),
  ...(placementStrategy && { placementStrategy: [] }),
});

const gracePeriodMs = (platform: PlatformSettings): number =>
  isWindows(platform) ? serviceDefaults.windowsGracePeriod : serviceDefaults.healthCheckGracePeriod;

/** A service has a launch type, or a strategy, or neither where an empty list asks for the cluster's default. */
function capacityOf(
  { launchType, capacityProviderStrategy }: ZoneSettings['service'],
  twin: ServiceSettings,
): Pick<ServiceSettings, 'launchType' | 'capacityProviderStrategy'> {
  if (launchType) return { launchType };
  const strategy = capacityProviderStrategy ?? twin.capacityProviderStrategy;
  if (strategy) return { capacityProviderStrategy: strategy as ServiceSettings['capacityProviderStrategy'] & object };
  return { launchType: twin.launchType ?? serviceDefaults.launchType };
}

/** Only Fargate has platform versions: AWS refuses one for instances. */
const isFargate = ({ launchType, capacityProviderStrategy = [] }: ServiceSettings): boolean =>
  launchType === undefined
    ? capacityProviderStrategy.every(({ capacityProvider = '' }) => capacityProvider.startsWith('FARGATE'))
    : launchType === 'FARGATE';

const awsvpc = ({ subnets, securityGroups, assignPublicIp }: NonNullable<ZoneSettings['network']>) => ({
  awsvpcConfiguration: { subnets, securityGroups, assignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' } as const,
});

const definedOf = (value: object): ServiceSettings =>
  Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined));

/**
 * What of the settings UpdateService changes in no service: its launch type, or a network of its own that its tasks no longer have.
 * From a strategy it goes back to "the launch type", and AWS doesn't say to which where the service was made without one.
 * `undefined` where it can.
 */
export function unchangeable(
  now: Pick<ServiceSettings, 'launchType' | 'capacityProviderStrategy' | 'networkConfiguration'>,
  wanted: ServiceSettings,
): 'launch type' | 'network mode' | undefined {
  const isOther = now.capacityProviderStrategy?.length || (now.launchType ?? wanted.launchType) !== wanted.launchType;
  if (wanted.launchType !== undefined && isOther) return 'launch type';
  const losesNetwork =
    now.networkConfiguration?.awsvpcConfiguration !== undefined && wanted.networkConfiguration === undefined;
  return losesNetwork ? 'network mode' : undefined;
}
