/** What AWS says of an application: facts only, read in one go, in the planners' words. */
import type { CreateServiceCommandInput, DeploymentConfiguration, TaskDefinition } from '@aws-sdk/client-ecs';
import type { ListenerRule, ListenerRules, ObservedListener, RuleElsewhere } from '../routing/listener-rules';
import type { ListenerSettings } from '../../settings/listeners';
import type { Slot } from '../names';
import type { Release } from '../release/release';
import type { TaggedTaskDefinition } from '../release/task-definitions';
import type { Scaling } from '../scaling/scaling';
import type { Tags } from '../tags';

/**
 * The settings of a service that its twin takes over at its start: an allow-list. What would act on its own in the middle of a
 * deployment is left out on purpose: failure detection follows when it is over, hooks and strategies never do.
 */
export type ServiceSettings = Pick<
  CreateServiceCommandInput,
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'networkConfiguration'
  | 'placementConstraints'
  | 'placementStrategy'
  | 'serviceRegistries'
  | 'volumeConfigurations'
  | 'healthCheckGracePeriodSeconds'
  | 'enableExecuteCommand'
  | 'enableECSManagedTags'
  | 'propagateTags'
  | 'availabilityZoneRebalancing'
  | 'monitoring'
> & {
  readonly deploymentConfiguration?: { readonly minimumHealthyPercent: number; readonly maximumPercent: number };
};

/** What ECS judges a service's own deployments by, as far as it is switched on. */
export type FailureDetection = Pick<
  DeploymentConfiguration,
  'deploymentCircuitBreaker' | 'alarms' | 'earlySuccessCriteria'
>;

/** A container, and a port of it. */
export interface ServicePort {
  readonly name: string;
  readonly port: number;
}

export interface ObservedService {
  readonly name: string;
  readonly arn?: string;
  /** Absent where nobody asked. */
  readonly tags?: Tags;
  readonly desiredCount: number;
  readonly runningCount: number;
  readonly pendingCount: number;
  readonly taskDefinitionArn: string;
  readonly targetGroupArns: readonly string[];
  /** The container that its load balancer reaches; absent where there is none. */
  readonly container?: ServicePort;
  /** What each of its target groups reaches, in its own order. Default: `container`. */
  readonly ports?: readonly (ServicePort & { readonly targetGroupArn: string })[];
  /** Absent when something else than cutover registered its task definition. */
  readonly release?: Release;
  /** The ARN of the task definition that it was adopted with, where it was. */
  readonly adoptedWith?: string;
  readonly settings: ServiceSettings;
  readonly traits?: ServiceTraits;
  /** Absent where none is on. */
  readonly failureDetection?: FailureDetection;
  /** Absent where it has no scalable target, or where nobody asked. */
  readonly scaling?: Scaling;
}

/** What stands in the way of a service that is to have a twin, or to be replaced replica by replica. */
export interface ServiceTraits {
  /** `ECS`, or who else deploys it. */
  readonly controller: string;
  /** `ROLLING`, or one of ECS's own ways to shift traffic. */
  readonly strategy: string;
  /** `REPLICA`, or `DAEMON`. */
  readonly scheduling: string;
  readonly serviceConnect: boolean;
  /** Members of it, as AWS names them, that a twin wouldn't have. Default: none. */
  readonly missingInTwin?: readonly string[];
}

/** A target group's health check and attributes, e.g. `HealthCheckPath` and `deregistration_delay.timeout_seconds`. */
export type TargetGroupSettings = Readonly<Record<string, string>>;

/** A slot, and what is in it. */
export interface FoundSlot {
  readonly slot: Slot;
  readonly service: ObservedService | null;
  readonly targetGroupArn: string | null;
}

/** What can't be changed of a target group, as AWS names it. */
export interface FixedTargetGroup {
  readonly protocol: string;
  readonly protocolVersion: string;
  readonly port: number;
  readonly targetType: string;
  readonly vpcId: string;
  /** Absent where it is `ipv4`. */
  readonly ipAddressType?: string;
  /** Where AWS asks an agent beside each target how many requests it takes at once; absent where it asks none. */
  readonly targetControlPort?: number;
}

/** How a target group is set up. */
export interface ObservedTargetGroup {
  /** As DescribeTargetGroupAttributes lists them; empty where there is no target group. */
  readonly attributes: Readonly<Record<string, string>>;
  /** E.g. `HealthCheckPath`; absent where there is no target group. */
  readonly healthCheck?: TargetGroupSettings;
  readonly fixed?: FixedTargetGroup;
}

/** A slot, and how its target group is set up. */
export interface ObservedSlot extends FoundSlot, ObservedTargetGroup {
  /** Whether a rule has its target group in it, with a share or without; absent where there is none, or nobody asked. */
  readonly isAttached?: boolean;
  /** Absent where there is no target group, or nobody asked. */
  readonly targetGroupTags?: Tags;
  /** The task definition that what runs in it was adopted with, as it is registered. */
  readonly adopted?: TaggedTaskDefinition;
}

/** Rules of another tool that catch an application's modules, and where they lead. */
export interface ForeignRoute {
  /** In the order of their priorities: those that win a request for a module, and every other that leads to the same place. */
  readonly rules: readonly ListenerRule[];
  /** The rules that win a request for a module. */
  readonly winners: readonly ListenerRule[];
  /** What is behind them: a target group, or a service that an earlier deployment marked. */
  readonly behind: { readonly targetGroupArn: string } | { readonly service: string };
}

/** What there is behind a {@link ForeignRoute}. */
export interface ObservedForeign extends ObservedTargetGroup {
  readonly route: ForeignRoute;
  /** `null` where no ECS service of the zone's cluster uses the target group. */
  readonly service: (ObservedService & { readonly image: string | null }) | null;
  readonly targetGroupArn: string | null;
  /** The service's task definition, as it is registered. */
  readonly adopted?: TaggedTaskDefinition;
}

/** An application as AWS has it now: the rules that lead to it, its slots, and what another tool put behind its modules. */
export interface ObservedApplication {
  readonly liveListener: ListenerRules;
  /** The listener of the test route: the live one when the zone has no other. */
  readonly testListener: ListenerRules;
  readonly slots: readonly FoundSlot[];
  /** Another tool's rules and what is behind them, where they catch the application's modules. */
  readonly foreign?: ObservedForeign;
  /** What differs through the zone's other listeners, in their order. Default: it has no other. */
  readonly others?: readonly SeenBeside[];
}

/** The rules on another of the zone's listeners. */
export interface SeenBeside extends Pick<ObservedApplication, 'liveListener' | 'testListener' | 'foreign'> {
  readonly settings: ListenerSettings;
}

/** An application with everything that a runbook is planned from, but for the release. */
export interface PlannableApplication extends ObservedApplication {
  readonly liveListener: ObservedListener;
  readonly testListener: ObservedListener;
  /** The rules of the load balancer's listeners beside the live one, test routes and default rules included. */
  readonly elsewhere: readonly RuleElsewhere[];
  /** Those of the target group that the default rule forwards to; absent where it has none or several. */
  readonly platformServerAttributes?: Readonly<Record<string, string>>;
  readonly slots: readonly ObservedSlot[];
  /** The same through the zone's other listeners, in their order. Default: it has no other. */
  readonly others?: readonly ObservedBeside[];
  /** Other ports of its services that have a target group of their own. Default: none. */
  readonly ports?: readonly ObservedPort[];
}

/** Another port of an application's services, with a target group in each, and rules that need not be about modules. */
export interface ObservedPort extends ServicePort {
  /** What plans call it, e.g. `admin:9090`; its container's second group for the same port is `admin:9090:2`. */
  readonly id: string;
  /** All listeners of the load balancers that its target groups are behind. */
  readonly listeners: readonly ObservedListener[];
  /** With the target group of this port. */
  readonly slots: readonly ObservedSlot[];
  readonly foreign?: ObservedForeign;
}

/** What differs of an application through another listener: rules, target groups, and what another tool put behind them. */
export interface ObservedBeside extends Omit<PlannableApplication, 'others' | 'ports'> {
  readonly settings: ListenerSettings;
}

/** What is decided through the first listener, and holds for the others. */
export interface BesideFirst {
  /** Green's. */
  readonly slot: Slot;
  /** What green is a twin of, where the other listener doesn't lead to it yet. */
  readonly twin?: Pick<ObservedSlot, 'service'> & ObservedTargetGroup;
}

/** Everything that a deployment is planned from. */
export interface Observed extends PlannableApplication {
  readonly release: Release;
  /** Whether the registry has its image no more. Default: it has, or that isn't known. */
  readonly forgotten?: boolean;
  /** The task definition that is to run once more, where the release is an earlier one. */
  readonly earlier?: TaskDefinition;
  /** Where this is seen through another listener than the zone's first. */
  readonly beside?: BesideFirst;
}
