/** How Application Auto Scaling scales services now. */
import {
  DescribeScalableTargetsCommand,
  paginateDescribeScalingPolicies,
  paginateDescribeScheduledActions,
  type ScalableTarget,
  type ScalingPolicy as AwsScalingPolicy,
  type ScheduledAction as AwsScheduledAction,
} from '@aws-sdk/client-application-auto-scaling';
import type { ObservedApplication, ObservedService } from '../../../planning/observed/observed';
import type { Scaling, ScalingPolicy, ScheduledAction } from '../../../planning/scaling/scaling';
import type { AwsClients } from '../client/clients';

/** What names a service's scalable target in every call. @param cluster its name or ARN */
export const scalableTarget = (cluster: string, service: string) => ({
  ServiceNamespace: 'ecs' as const,
  ScalableDimension: 'ecs:service:DesiredCount' as const,
  ResourceId: `service/${cluster.split('/').at(-1)}/${service}`,
});

/** The same, where each service that is scaled says how. Effect: none. */
export async function withScaling<Seen extends Pick<ObservedApplication, 'slots' | 'foreign'>>(
  { scaling }: Pick<AwsClients, 'scaling'>,
  cluster: string,
  observed: Seen,
): Promise<Seen>;
export async function withScaling(
  { scaling }: Pick<AwsClients, 'scaling'>,
  cluster: string,
  observed: Pick<ObservedApplication, 'slots' | 'foreign'>,
): Promise<Pick<ObservedApplication, 'slots' | 'foreign'>> {
  const { slots, foreign } = observed;
  const services = [...slots, ...(foreign ? [foreign] : [])].flatMap(({ service }) => service?.name ?? []);
  const scaled = await describeScaling(scaling, cluster, services);
  const withOwn = <Service extends ObservedService | null>(service: Service): Service => {
    const own = service && scaled.get(service.name);
    return own ? { ...service, scaling: own } : service;
  };
  return {
    ...observed,
    slots: slots.map((slot) => ({ ...slot, service: withOwn(slot.service) })),
    ...(foreign && { foreign: { ...foreign, service: withOwn(foreign.service) } }),
  };
}

/** DescribeScalableTargets takes 50 resources a call; an application has three services at most. */
async function describeScaling(
  client: AwsClients['scaling'],
  cluster: string,
  services: readonly string[],
): Promise<ReadonlyMap<string, Scaling>> {
  if (services.length === 0) return new Map();
  const resources = new Map(services.map((service) => [scalableTarget(cluster, service).ResourceId, service]));
  const { ResourceId: _, ...dimension } = scalableTarget(cluster, '');
  const { ScalableTargets = [] } = await client.send(
    new DescribeScalableTargetsCommand({ ...dimension, ResourceIds: [...resources.keys()] }),
  );
  const described = ScalableTargets.map(async (target): Promise<[string, Scaling]> => {
    const { ResourceId = '' } = target;
    return [resources.get(ResourceId) ?? '', await scalingOf(client, { ...dimension, ResourceId }, target)];
  });
  return new Map(await Promise.all(described));
}

async function scalingOf(
  client: AwsClients['scaling'],
  resource: ReturnType<typeof scalableTarget>,
  { MinCapacity = 0, MaxCapacity = 0, SuspendedState: held = {} }: ScalableTarget,
): Promise<Scaling> {
  const policies: ScalingPolicy[] = [];
  // A paginator leaves its token in what it is given.
  for await (const { ScalingPolicies = [] } of paginateDescribeScalingPolicies({ client }, { ...resource }))
    policies.push(...ScalingPolicies.map(policyOf));
  const scheduled: ScheduledAction[] = [];
  for await (const { ScheduledActions = [] } of paginateDescribeScheduledActions({ client }, { ...resource }))
    scheduled.push(...ScheduledActions.map(actionOf));
  return {
    minimum: MinCapacity,
    maximum: MaxCapacity,
    suspended: {
      DynamicScalingInSuspended: held.DynamicScalingInSuspended ?? false,
      DynamicScalingOutSuspended: held.DynamicScalingOutSuspended ?? false,
      ScheduledScalingSuspended: held.ScheduledScalingSuspended ?? false,
    },
    policies,
    scheduled,
  };
}

const policyOf = ({
  PolicyName: name = '',
  PolicyType: type = 'StepScaling',
  TargetTrackingScalingPolicyConfiguration: tracking,
  StepScalingPolicyConfiguration: step,
}: AwsScalingPolicy): ScalingPolicy => ({ name, type, ...(tracking && { tracking }), ...(step && { step }) });

const actionOf = ({
  ScheduledActionName: name = '',
  Schedule: schedule = '',
  Timezone: timezone,
  StartTime: start,
  EndTime: end,
  ScalableTargetAction: action = {},
}: AwsScheduledAction): ScheduledAction => ({
  name,
  schedule,
  ...(timezone !== undefined && { timezone }),
  ...(start && { start: start.toISOString() }),
  ...(end && { end: end.toISOString() }),
  action,
});
