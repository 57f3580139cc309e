/** What AWS says before a deployment is planned: facts only, read in one go, in the planners' words. */
import type { CreateServiceCommandInput, TaskDefinition } from '@aws-sdk/client-ecs';
import type { ListenerRule } from './listener-rules';
import type { Slot } from './names';
import type { Release } from './release';

/**
 * The settings of a service that its twin takes over: an allow-list. Left out on purpose are the circuit breaker's rollback,
 * alarms, hooks and strategies, which would act on their own.
 */
export type ServiceSettings = Pick<
  CreateServiceCommandInput,
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'networkConfiguration'
  | 'placementConstraints'
  | 'placementStrategy'
  | 'healthCheckGracePeriodSeconds'
  | 'enableExecuteCommand'
  | 'enableECSManagedTags'
  | 'propagateTags'
  | 'availabilityZoneRebalancing'
> & {
  readonly deploymentConfiguration?: { readonly minimumHealthyPercent: number; readonly maximumPercent: number };
};

export interface ObservedService {
  readonly name: string;
  readonly desiredCount: number;
  readonly taskDefinitionArn: string;
  readonly targetGroupArns: readonly string[];
  /** Absent when something else than cutover registered its task definition. */
  readonly release?: Release;
  readonly settings: ServiceSettings;
}

export interface ObservedSlot {
  readonly slot: Slot;
  readonly service: ObservedService | null;
  readonly targetGroupArn: string | null;
  /** Of its target group, as DescribeTargetGroupAttributes lists them. */
  readonly attributes: Readonly<Record<string, string>>;
}

export interface ObservedListener {
  readonly arn: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly loadBalancerDnsName: string;
  /** Every rule, the default one included. */
  readonly rules: readonly ListenerRule[];
}

export interface Observed {
  readonly live: ObservedListener;
  /** The listener of the test route: the live one when the zone has no other. */
  readonly test: ObservedListener;
  readonly slots: readonly ObservedSlot[];
  readonly release: Release;
  /** The task definition that is to run once more, where the release is an earlier one. */
  readonly earlier?: TaskDefinition;
}
