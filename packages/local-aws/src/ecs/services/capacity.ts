/** What a service's tasks run on (a launch type, or a capacity provider strategy), and what ECS refuses of it. */
import { fail } from '../../protocol/errors';
import type { Cluster, ServiceSettings } from '../state';

type Settings = Partial<ServiceSettings>;
type Strategy = NonNullable<ServiceSettings['capacityProviderStrategy']>;

/** Undefined for a service that uses a launch type. An empty list is how UpdateService takes a strategy away. */
export function strategyOf({ capacityProviderStrategy: strategy }: Settings): Strategy | undefined {
  return strategy === undefined || strategy.length === 0 ? undefined : strategy;
}

/** A new service that says neither has the cluster's default strategy, where there is one. */
export function withCapacityOf<Given extends Settings>(
  { defaultCapacityProviderStrategy = [] }: Pick<Cluster, 'defaultCapacityProviderStrategy'>,
  given: Given,
): Given {
  const isSaid = given.launchType !== undefined || given.capacityProviderStrategy !== undefined;
  if (isSaid || defaultCapacityProviderStrategy.length === 0) return given;
  return { ...given, capacityProviderStrategy: [...defaultCapacityProviderStrategy] };
}

/** Undefined while there is a strategy; the launch type is kept for when it goes. */
export function launchTypeOf(settings: Settings): ServiceSettings['launchType'] {
  return strategyOf(settings) === undefined ? settings.launchType : undefined;
}

/** What its tasks run on, by either kind of capacity. */
export function taskLaunchTypeOf(settings: Settings): NonNullable<ServiceSettings['launchType']> {
  const strategy = strategyOf(settings);
  if (strategy === undefined) return settings.launchType ?? 'EC2';
  return strategy.every(({ capacityProvider = '' }) => capacityProvider.startsWith('FARGATE')) ? 'FARGATE' : 'EC2';
}

/** @throws {AwsError} `InvalidParameterException` when a service that is created is given both */
export function refuseTwoKindsOfCapacity(given: Settings): void {
  if (given.launchType !== undefined && strategyOf(given) !== undefined)
    refuse('Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.');
}

/** @throws {AwsError} `InvalidParameterException` when the strategy differs and no new deployment is forced */
export function checkStrategyChange(before: Settings, after: Settings, forced = false): void {
  if (forced || comparable(before) === comparable(after)) return;
  refuse(
    'When switching from launch type to capacity provider strategy on an existing service, or making a change to a capacity provider strategy on a service that is already using one, you must force a new deployment.',
  );
}

/**
 * Whether a new service is rebalanced unless it says otherwise. Rebalancing starts a task before it stops one, on
 * capacity in Availability Zones.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function supportsRebalancing(settings: Settings): boolean {
  const [first] = settings.placementStrategy ?? [];
  const spreads = first === undefined || (first.type === 'spread' && first.field === 'attribute:ecs.availability-zone');
  return hasRoom(settings) && spreads && settings.launchType !== 'EXTERNAL';
}

/** @throws {AwsError} `InvalidParameterException` when rebalancing is on and may not start one task more */
export function checkRebalancing(settings: Settings): void {
  if (settings.availabilityZoneRebalancing === 'ENABLED' && !hasRoom(settings))
    refuse('Availability Zone Rebalancing does not support maximumPercent <= 100 % as deployment configuration.');
}

/** @throws {AwsError} `InvalidParameterException`, in words of our own: AWS's aren't known */
export function checkExternal({ launchType, loadBalancers = [] }: Settings): void {
  if (launchType === 'EXTERNAL' && loadBalancers.length > 0)
    refuse('Load balancers are not supported for services with the launch type EXTERNAL.');
}

/**
 * @throws {AwsError} `InvalidParameterException` when Fargate is told where to place tasks, or instances which Fargate to be; for
 *   strategies in words like those for constraints
 */
export function checkPlacement(settings: Settings): void {
  const { placementConstraints = [], placementStrategy = [], platformVersion } = settings;
  const isFargate = taskLaunchTypeOf(settings) === 'FARGATE';
  if (!isFargate && platformVersion !== undefined)
    refuse('The platform version must be null when specifying an EC2 launch type.');
  if (isFargate && placementConstraints.length > 0)
    refuse('Placement constraints are not supported with FARGATE launch type.');
  if (isFargate && placementStrategy.length > 0)
    refuse('Placement strategies are not supported with FARGATE launch type.');
}

function hasRoom({ deploymentConfiguration }: Settings): boolean {
  return (deploymentConfiguration?.maximumPercent ?? 200) > 100;
}

function comparable(settings: Settings): string {
  const items = (strategyOf(settings) ?? []).map(({ capacityProvider, weight = 0, base = 0 }) =>
    JSON.stringify([capacityProvider, weight, base]),
  );
  return items.toSorted().join();
}

function refuse(message: string): never {
  return fail('InvalidParameterException', message);
}
