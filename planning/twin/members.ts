/**
 * What AWS tells of a service, member by member: what its twin takes over, what it can do without, and what it would lack. A test
 * holds the lists to the SDK's schemas, so that a member that AWS adds is decided on and not forgotten.
 */
import type { Deployment, DeploymentConfiguration, LoadBalancer, Service, ServiceRevision } from '@aws-sdk/client-ecs';
import type { TargetGroup } from '@aws-sdk/client-elastic-load-balancing-v2';

type Members<Shape> = readonly (keyof Shape & string)[];

interface MemberLists<Shape> {
  readonly carried: Members<Shape>;
  /** Facts of its own, and what a deployment here decides. */
  readonly harmless: Members<Shape>;
  /** What callers of the service would miss, with what it is. */
  readonly lacking: Readonly<Partial<Record<keyof Shape & string, string>>>;
}

export const serviceMembers: MemberLists<Service> = {
  carried: [
    'loadBalancers',
    'serviceRegistries',
    'desiredCount',
    'launchType',
    'capacityProviderStrategy',
    'platformVersion',
    'taskDefinition',
    'deploymentConfiguration',
    'placementConstraints',
    'placementStrategy',
    'networkConfiguration',
    'healthCheckGracePeriodSeconds',
    'tags',
    'enableECSManagedTags',
    'propagateTags',
    'enableExecuteCommand',
    'availabilityZoneRebalancing',
  ],
  harmless: [
    'serviceArn',
    'serviceName',
    'clusterArn',
    'status',
    'runningCount',
    'pendingCount',
    'platformFamily',
    'deployments',
    'roleArn',
    'events',
    'createdAt',
    'createdBy',
    'currentServiceDeployment',
    'currentServiceRevisions',
    // Refused by what they say: suitability.ts.
    'taskSets',
    'schedulingStrategy',
    'deploymentController',
    'resourceManagementType',
  ],
  lacking: {},
};

/** Of the deployment that is under way or done: AWS tells some of a service's settings there only. */
export const deploymentMembers: MemberLists<Deployment> = {
  carried: [
    'taskDefinition',
    'desiredCount',
    'capacityProviderStrategy',
    'launchType',
    'platformVersion',
    'networkConfiguration',
    'volumeConfigurations',
  ],
  harmless: [
    'id',
    'status',
    'pendingCount',
    'runningCount',
    'failedTasks',
    'createdAt',
    'updatedAt',
    'platformFamily',
    'rolloutState',
    'rolloutStateReason',
    'serviceConnectResources',
    // The cluster's.
    'fargateEphemeralStorage',
    // Refused with a sentence of its own: suitability.ts.
    'serviceConnectConfiguration',
  ],
  lacking: { vpcLatticeConfigurations: 'target groups of VPC Lattice' },
};

/** Of the revision that it deploys, which alone tells the rest of what CreateService takes. */
export const revisionMembers: MemberLists<ServiceRevision> = {
  carried: ['monitoring'],
  harmless: [
    'serviceRevisionArn',
    'serviceArn',
    'clusterArn',
    'platformFamily',
    'createdAt',
    // The service tells these, or its deployment: above.
    'taskDefinition',
    'capacityProviderStrategy',
    'launchType',
    'platformVersion',
    'loadBalancers',
    'serviceRegistries',
    'networkConfiguration',
    'serviceConnectConfiguration',
    'volumeConfigurations',
    'fargateEphemeralStorage',
    'vpcLatticeConfigurations',
    // What came of it: nobody sets these.
    'containerImages',
    'guardDutyEnabled',
    'resolvedConfiguration',
    'ecsManagedResources',
    'overrides',
  ],
  // Green's would get requests before anybody has verified it.
  lacking: { gatewayConnectors: 'what a gateway leads to' },
};

/** Of each of a service's load balancers. */
export const loadBalancerMembers: MemberLists<LoadBalancer> = {
  carried: ['targetGroupArn', 'containerName', 'containerPort'],
  // Of ECS's own ways to shift traffic, which are refused: suitability.ts.
  harmless: ['advancedConfiguration'],
  lacking: { loadBalancerName: 'a Classic Load Balancer' },
};

/** Of a target group: what of it is created like blue's, and what is a fact of its own. */
export const targetGroupMembers: MemberLists<TargetGroup> = {
  carried: [
    'Protocol',
    'ProtocolVersion',
    'Port',
    'VpcId',
    'TargetType',
    'IpAddressType',
    'TargetControlPort',
    'HealthCheckProtocol',
    'HealthCheckPort',
    'HealthCheckPath',
    'HealthCheckIntervalSeconds',
    'HealthCheckTimeoutSeconds',
    'HealthyThresholdCount',
    'UnhealthyThresholdCount',
    'Matcher',
  ],
  harmless: [
    'TargetGroupArn',
    'TargetGroupName',
    'LoadBalancerArns',
    // Only groups of Lambda functions can be without.
    'HealthCheckEnabled',
  ],
  lacking: {},
};

/** What would act on its own in the middle of a deployment here is left out on purpose, or follows when it is over. */
export const configurationMembers: MemberLists<DeploymentConfiguration> = {
  carried: [
    'maximumPercent',
    'minimumHealthyPercent',
    // Once a deployment is over: failure-detection.ts.
    'deploymentCircuitBreaker',
    'alarms',
    'earlySuccessCriteria',
  ],
  // Of strategies that are refused, but for hooks that those alone can have: suitability.ts.
  harmless: ['strategy', 'bakeTimeInMinutes', 'lifecycleHooks', 'linearConfiguration', 'canaryConfiguration'],
  lacking: {},
};

/**
 * What a service has and its twin wouldn't, as AWS names it.
 * @param revision what it deploys, where that is known
 */
export function missingInTwin(service: Service, revision: ServiceRevision = {}): string[] {
  const [deployment = {}] = service.deployments ?? [];
  return [
    ...missing(service, serviceMembers),
    ...(service.loadBalancers ?? []).flatMap((one) => missing(one, loadBalancerMembers)),
    ...missing(deployment, deploymentMembers),
    ...missing(service.deploymentConfiguration ?? {}, configurationMembers),
    ...missing(revision, revisionMembers),
  ];
}

function missing<Shape extends object>(value: Shape, { carried, harmless, lacking }: MemberLists<Shape>): string[] {
  const known: readonly string[] = [...carried, ...harmless];
  const named: Readonly<Record<string, string | undefined>> = lacking;
  return Object.entries(value)
    .filter(([name, member]) => !known.includes(name) && !isEmpty(member))
    .map(([name]) => (named[name] === undefined ? name : `${name} (${named[name]})`));
}

/** Nothing, or nothing but that. */
export const isEmpty = (value: unknown): boolean =>
  value === undefined ||
  value === null ||
  value === false ||
  value === '' ||
  (typeof value === 'object' && !(value instanceof Date) && Object.values(value).every(isEmpty));
