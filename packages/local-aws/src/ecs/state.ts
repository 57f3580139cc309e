/** The resources of ECS as they are stored. Keys are ARNs; times are milliseconds since the epoch. */
import type {
  CreateClusterRequest,
  CreateServiceRequest,
  CapacityProviderStrategyItem,
  DeploymentRolloutState,
  LoadBalancer,
  RegisterTaskDefinitionRequest,
  RunTaskRequest,
  ServiceDeploymentStatus,
  TaskStopCode,
} from '@aws-sdk/client-ecs';
import type { ProcessIdentity } from './tasks/processes';

export interface EcsState {
  readonly clusters: Record<string, Cluster>;
  readonly taskDefinitions: Record<string, TaskDefinition>;
  readonly services: Record<string, Service>;
  readonly tasks: Record<string, Task>;
  /** The tags of every resource. */
  readonly tags: Record<string, Record<string, string>>;
  /** The tasks that a RunTask with a client token started, by cluster and token. */
  readonly clientTokens: Record<string, { readonly request: string; readonly taskArns: readonly string[] }>;
}

export interface Cluster {
  readonly arn: string;
  readonly name: string;
  status: 'ACTIVE' | 'INACTIVE';
  settings: readonly { readonly name: string; readonly value: string }[];
  capacityProviders: readonly string[];
  defaultCapacityProviderStrategy?: readonly CapacityProviderStrategyItem[];
  /** Kept and shown again, and nothing else. */
  configuration?: CreateClusterRequest['configuration'];
  serviceConnectDefaults?: { readonly namespace?: string };
}

export interface TaskDefinition {
  readonly arn: string;
  readonly family: string;
  readonly revision: number;
  status: 'ACTIVE' | 'INACTIVE';
  readonly registeredAt: number;
  deregisteredAt?: number;
  /** The settings as they were registered, without the tags. */
  readonly settings: Omit<RegisterTaskDefinitionRequest, 'tags'>;
}

/** What CreateService takes and UpdateService changes, stored as given with the defaults filled in. */
export type ServiceSettings = Omit<
  CreateServiceRequest,
  'cluster' | 'serviceName' | 'clientToken' | 'tags' | 'desiredCount' | 'taskDefinition'
>;

/** What tasks are made of besides their task definition: a change begins a deployment. */
export type DeploymentSettings = Pick<
  ServiceSettings,
  | 'networkConfiguration'
  | 'launchType'
  | 'capacityProviderStrategy'
  | 'platformVersion'
  | 'loadBalancers'
  | 'serviceRegistries'
  | 'serviceConnectConfiguration'
  | 'volumeConfigurations'
  | 'monitoring'
  | 'gatewayConnectors'
>;

export interface Service {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly clientToken?: string;
  status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  desiredCount: number;
  taskDefinition: string;
  settings: ServiceSettings;
  readonly createdAt: number;
  /** The primary deployment is the first. */
  deployments: Deployment[];
  /** The deployment that a rollback deploys again. */
  lastCompleted?: Deployment;
  /** The newest is the first; there are at most 100. */
  history?: ServiceDeploymentRecord[];
  /** The newest is the first; there are at most 100. */
  revisions?: readonly ServiceRevisionRecord[];
  /** The newest is the first; there are at most 100. */
  events: ServiceEvent[];
  /** True from the event of a steady state until something changes. */
  steady: boolean;
  steadySince?: number;
  /** While its tasks are spread over the zones anew: the task that was started for it, and hasn't replaced another one yet. */
  rebalancing?: { readonly taskArn?: string };
  /** No rebalancing begins before this time, after one that failed. */
  rebalanceAfter?: number;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html */
export interface ServiceDeploymentRecord {
  /** The deployment that it began with. */
  readonly deploymentId: string;
  /** The revision that it deploys, and those that were deployed before. */
  readonly revision: string;
  readonly sources: readonly string[];
  readonly createdAt: number;
  updatedAt: number;
  finishedAt?: number;
  stoppedAt?: number;
  status: ServiceDeploymentStatus;
  statusReason?: string;
  rollback?: { readonly reason: string; readonly startedAt: number; readonly revision: string };
}

export interface ServiceRevisionRecord {
  readonly revision: string;
  readonly createdAt: number;
  readonly taskDefinition: string;
  readonly settings: Deployment['settings'];
}

export interface Deployment {
  readonly id: string;
  /** The number of the service revision that it deploys; a rollback has that of the deployment that it brings back. */
  readonly revision?: string;
  rollsBack?: boolean;
  status: 'PRIMARY' | 'ACTIVE';
  readonly taskDefinition: string;
  readonly settings: DeploymentSettings;
  desiredCount: number;
  /** How many tasks failed in a row. */
  failedTasks: number;
  readonly createdAt: number;
  updatedAt: number;
  rolloutState: DeploymentRolloutState;
  rolloutStateReason: string;
  /** No task is started before this time, after repeated failures. */
  notBefore: number;
}

export interface ServiceEvent {
  readonly id: string;
  readonly createdAt: number;
  readonly message: string;
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-lifecycle-explanation.html */
export type TaskStatus =
  'PROVISIONING' | 'PENDING' | 'ACTIVATING' | 'RUNNING' | 'DEACTIVATING' | 'STOPPING' | 'DEPROVISIONING' | 'STOPPED';

export interface Task {
  readonly arn: string;
  readonly id: string;
  readonly clusterArn: string;
  readonly taskDefinitionArn: string;
  readonly group: string;
  readonly startedBy?: string;
  /** The service and the deployment that it belongs to. */
  readonly serviceArn?: string;
  readonly deploymentId?: string;
  readonly launchType: string;
  /** The first of its service's strategy. */
  readonly capacityProviderName?: string;
  /** The target groups with which it should be registered. */
  readonly loadBalancers: readonly LoadBalancer[];
  readonly overrides?: RunTaskRequest['overrides'];
  readonly networkConfiguration?: RunTaskRequest['networkConfiguration'];
  /** Where it is, for a task with a network of its own. */
  readonly subnet?: string;
  readonly availabilityZone?: string;
  /** Its own address, where the engine that runs it gives it one. */
  address?: string;
  readonly createdAt: number;
  lastStatus: TaskStatus;
  /** When `lastStatus` began. */
  since: number;
  desiredStatus: 'RUNNING' | 'STOPPED';
  containers: Container[];
  /** True once it was as healthy as its service wants; a later failure doesn't count against the deployment. */
  wasHealthy: boolean;
  /** True once its failure was counted against its deployment. */
  failureCounted: boolean;
  /** StopTask ends a task at once; the scheduler waits until its targets are unused. */
  stopsAtOnce: boolean;
  /** The scheduler must not stop it before this time for a deployment or for scaling in. */
  protectedUntil?: number;
  pullStartedAt?: number;
  pullStoppedAt?: number;
  startedAt?: number;
  stoppingAt?: number;
  executionStoppedAt?: number;
  stoppedAt?: number;
  stopCode?: TaskStopCode;
  stoppedReason?: string;
  version: number;
}

export interface Container {
  readonly name: string;
  readonly image: string;
  readonly essential: boolean;
  readonly runtimeId: string;
  ports: readonly ContainerPort[];
  imageDigest?: string;
  lastStatus: 'PENDING' | 'RUNNING' | 'STOPPED';
  /** The wrapper that reports the exit code, and the container's own first process. */
  wrapper?: ProcessIdentity;
  main?: ProcessIdentity;
  exitCode?: number;
  reason?: string;
}

/** The port of this machine that stands for a container's port. */
export interface ContainerPort {
  readonly containerPort: number;
  readonly hostPort: number;
  readonly name?: string;
}

export function emptyEcs(): EcsState {
  return { clusters: {}, taskDefinitions: {}, services: {}, tasks: {}, tags: {}, clientTokens: {} };
}
