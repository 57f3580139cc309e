/** What an ECS service of a zone is like. What isn't given is as blue has it; {@link serviceDefaults} hold where there is none. */
import { z } from 'zod';
import { durationBetween } from '../durations';
import { asAwsTakes } from './aws-names';

const listOf = (type: string) =>
  z
    .array(z.record(z.string(), z.unknown()))
    .superRefine(asAwsTakes(`${type}[]`))
    .optional();

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export const service = z
  .strictObject({
    /** Default `FARGATE`, where there is no `capacityProviderStrategy`. */
    launchType: z.enum(['FARGATE', 'EC2']).optional(),
    /** Instead of a launch type; an empty list is the cluster's default. */
    capacityProviderStrategy: listOf('CapacityProviderStrategyItem'),
    /** Of Fargate. Default `LATEST`. */
    platformVersion: z.string().min(1).optional(),
    placementConstraints: listOf('PlacementConstraint'),
    placementStrategy: listOf('PlacementStrategy'),
    /** Of Cloud Map. */
    serviceRegistries: listOf('ServiceRegistry'),
    /** Of the volumes that a task definition has configured at launch. */
    volumeConfigurations: listOf('ServiceVolumeConfiguration'),
    /** Default 60 s. */
    healthCheckGracePeriod: durationBetween('0s', '24h').optional(),
    /** Default 100. */
    minimumHealthyPercent: z.int().min(0).max(100).optional(),
    /** Default 200. */
    maximumPercent: z.int().min(100).max(200).optional(),
    enableExecuteCommand: z.boolean().optional(),
    enableECSManagedTags: z.boolean().optional(),
    propagateTags: z.enum(['SERVICE', 'TASK_DEFINITION', 'NONE']).optional(),
    availabilityZoneRebalancing: z.enum(['ENABLED', 'DISABLED']).optional(),
  })
  .refine(({ launchType, capacityProviderStrategy }) => !launchType || !capacityProviderStrategy, {
    error: 'a service has either a launchType or a capacityProviderStrategy: leave one of them out',
    path: ['launchType'],
  });

export type EcsServiceSettings = z.infer<typeof service>;

export const serviceDefaults = {
  launchType: 'FARGATE',
  healthCheckGracePeriod: 60_000,
  /** IIS answers and compiles late. */
  windowsGracePeriod: 10 * 60_000,
  minimumHealthyPercent: 100,
  maximumPercent: 200,
} as const;

/** What tasks run on, in the settings or as AWS has it. */
interface Capacity {
  readonly launchType?: string | undefined;
  readonly capacityProviderStrategy?: readonly { readonly capacityProvider?: unknown }[] | undefined;
}

/** Whether the tasks of such a service run on Fargate; of a cluster's default strategy that isn't known. */
export const runsOnFargate = ({ launchType, capacityProviderStrategy: strategy }: Capacity): boolean =>
  strategy
    ? strategy.some(({ capacityProvider }) => String(capacityProvider).startsWith('FARGATE'))
    : (launchType ?? serviceDefaults.launchType) === 'FARGATE';

/** A member of the service that AWS refuses on what the tasks run on, and why; `undefined` where it takes all. */
export function capacityFault(
  service: EcsServiceSettings,
): { readonly member: string; readonly message: string } | undefined {
  const fargate = runsOnFargate(service);
  const known = !service.capacityProviderStrategy || service.capacityProviderStrategy.length > 0;
  const isGiven = (member: 'placementConstraints' | 'placementStrategy') => (service[member]?.length ?? 0) > 0;
  const placed = (['placementConstraints', 'placementStrategy'] as const).find(isGiven);
  if (fargate && placed)
    return {
      member: placed,
      message: 'Fargate places tasks itself, and takes none: leave it out, or set service.launchType to EC2',
    };
  return !fargate && known && service.platformVersion !== undefined
    ? {
        member: 'platformVersion',
        message: 'only Fargate has platform versions, and these tasks run on instances: leave it out',
      }
    : undefined;
}

export const network = z.strictObject({
  subnets: z.array(z.string()).min(1),
  securityGroups: z.array(z.string()).default([]),
  assignPublicIp: z.boolean().default(false),
});

export type NetworkSettings = z.infer<typeof network>;
