/** Which services Application Auto Scaling may scale now. */
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import type { Observed, ObservedService } from '../../../planning/observed/observed';
import type { AwsClients } from '../client/clients';

/** The same, where each service with traits says whether it may be scaled now. */
export async function withScaling<Seen extends Pick<Observed, 'slots' | 'foreign'>>(
  clients: AwsClients,
  cluster: string,
  observed: Seen,
): Promise<Seen> {
  const { slots, foreign } = observed;
  const services = [...slots, ...(foreign ? [foreign] : [])].flatMap(({ service }) => service?.name ?? []);
  const scaled = await describeScaling(clients, cluster, services);
  const withScales = <Service extends ObservedService | null>(service: Service): Service =>
    service?.traits ? { ...service, traits: { ...service.traits, scales: scaled.has(service.name) } } : service;
  return {
    ...observed,
    slots: slots.map((slot) => ({ ...slot, service: withScales(slot.service) })),
    ...(foreign && { foreign: { ...foreign, service: withScales(foreign.service) } }),
  };
}

/** DescribeScalableTargets takes 50 resources a call; an application has three services at most. */
async function describeScaling(
  { scaling }: AwsClients,
  cluster: string,
  services: readonly string[],
): Promise<ReadonlySet<string>> {
  if (services.length === 0) return new Set();
  const prefix = `service/${cluster.split('/').at(-1)}/`;
  const { ScalableTargets = [] } = await scaling.send(
    new DescribeScalableTargetsCommand({
      ServiceNamespace: 'ecs',
      ScalableDimension: 'ecs:service:DesiredCount',
      ResourceIds: services.map((service) => `${prefix}${service}`),
    }),
  );
  const active = ScalableTargets.filter(({ SuspendedState: { ...held } = {} }) =>
    [held.DynamicScalingInSuspended, held.DynamicScalingOutSuspended, held.ScheduledScalingSuspended].some(
      (one) => one !== true,
    ),
  );
  return new Set(active.map(({ ResourceId = '' }) => ResourceId.slice(prefix.length)));
}
