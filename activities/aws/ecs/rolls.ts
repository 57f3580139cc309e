/**
 * ECS's rolling deployment of a service: begun or held in one call, and watched replica by replica. Only the new revision's
 * replicas can fail a roll: an old one that dies is replaced by a new one.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { UpdateServiceCommand, type Service, type Task } from '@aws-sdk/client-ecs';
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApplicationFailure } from '@temporalio/common';
import type { RollBounds } from '../../../planning/plans/rolling-update';
import type { RollProgress } from '../../../contract/status';
import { waitedMs } from '../../polling';
import type { AwsClients } from '../client/clients';
import { allHealthy, observeReplicas, refuseTrouble, staleReadsMs, type Replicas } from './replicas';
import { serviceChanged } from './service-changes';
import { describeService } from './services';
import { describeTasks } from './tasks';

export interface RollPlan {
  readonly service: string;
  /** The revision that every replica is to have. */
  readonly taskDefinitionArn: string;
  /** Revisions that the service may have now; any other is somebody else's deployment. */
  readonly expected: readonly string[];
  readonly bounds: RollBounds;
}

/**
 * The service with this revision and these bounds; its circuit breaker stops a hopeless roll, and turning back is ours.
 * Effect: at most one UpdateService. Idempotent: absolute; a deployment that ECS gave up is begun anew.
 * Errors: `ServiceChangedByOthers`.
 */
export async function rollService({ ecs }: AwsClients, cluster: string, plan: RollPlan): Promise<void> {
  const found = await describeService(ecs, cluster, plan.service);
  const now = found?.taskDefinition ?? '';
  if (!found) throw serviceChanged(plan.service, 'it is gone');
  if (![plan.taskDefinitionArn, ...plan.expected].includes(now))
    throw serviceChanged(plan.service, `it runs ${now} instead of ${plan.expected.join(' or ')}`);
  const gaveUp = found.deployments?.[0]?.rolloutState === 'FAILED';
  if (now === plan.taskDefinitionArn && !gaveUp && hasBounds(found, plan.bounds)) return;
  await ecs.send(
    new UpdateServiceCommand({
      cluster,
      service: plan.service,
      taskDefinition: plan.taskDefinitionArn,
      deploymentConfiguration: { ...plan.bounds, deploymentCircuitBreaker: { enable: true, rollback: false } },
      ...(gaveUp && now === plan.taskDefinitionArn && { forceNewDeployment: true }),
    }),
  );
}

const hasBounds = ({ deploymentConfiguration: now = {} }: Service, bounds: RollBounds) =>
  now.minimumHealthyPercent === bounds.minimumHealthyPercent &&
  now.maximumPercent === bounds.maximumPercent &&
  now.deploymentCircuitBreaker?.enable === true;

/**
 * Lets a roll go no further: no healthy replica may stop, and none may start beside them. AWS takes no 100 and 100.
 * Effect: at most one UpdateService, which begins no deployment.
 */
export async function holdRoll({ ecs }: AwsClients, cluster: string, service: string): Promise<void> {
  const found = await describeService(ecs, cluster, service);
  if (!found || hasBounds(found, heldBounds)) return;
  await ecs.send(new UpdateServiceCommand({ cluster, service, deploymentConfiguration: heldBounds }));
}

const heldBounds = { minimumHealthyPercent: 100, maximumPercent: 101 } as const;

/** How far a roll is now. @throws `GreenUnhealthy`, `NoCapacity` or `NoProgress` at the first sign of failure */
export async function describeRoll(clients: AwsClients, cluster: string, replicas: Replicas): Promise<RollProgress> {
  const observed = await observeReplicas(clients, cluster, replicas);
  const running = await describeTasks(clients, cluster, replicas.service, 'RUNNING');
  const isNew = (task: Task) => task.taskDefinitionArn === replicas.taskDefinitionArn;
  const news = running.filter(isNew);
  const targetOf = (task: Task) => observed.targets.find((target) => isTargetOf(task, target));
  const targets = news.flatMap((task) => targetOf(task) ?? []);
  // What ECS gave up before says nothing about the deployment that is to go on now.
  const service = { ...observed.service, deployments: observed.service.deployments?.slice(0, 1) };
  await refuseTrouble(clients, { ...observed, service, targets }, replicas);
  refuseStuck(observed.service);
  refuseEmpty(observed.service, replicas.service);
  const serving = news.filter((task) => targetOf(task)?.TargetHealth?.State === 'healthy');
  return {
    new: serving.length,
    starting: news.length - serving.length,
    old: running.length - news.length,
    draining: observed.stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length,
    complete: allHealthy(observed, replicas),
  };
}

/** By address; where the agent says which port is the task's, by that too. */
function isTargetOf({ attachments = [], containers = [] }: Task, { Target }: TargetHealthDescription): boolean {
  const addresses = attachments.flatMap(({ details = [] }) =>
    details.filter(({ name }) => name === 'privateIPv4Address').map(({ value }) => value),
  );
  const ports = containers.flatMap(({ networkBindings = [] }) => networkBindings.map(({ hostPort }) => hostPort));
  const isThere = addresses.length === 0 || addresses.includes(Target?.Id);
  return isThere && (ports.length === 0 || ports.includes(Target?.Port));
}

/** Nobody serves then, and the roll would never end. */
export function refuseEmpty({ desiredCount }: Service, name: string): void {
  if (desiredCount !== 0 || waitedMs() < staleReadsMs) return;
  throw ApplicationFailure.nonRetryable(
    `Somebody scaled ECS service ${name} to no replica at all, so nobody serves: scale it up, then retry. A rollback brings back as many as there were.`,
    'ServiceChangedByOthers',
  );
}

/** Somebody scaled the service to a count with which its bounds leave no way. */
function refuseStuck({ events = [], deployments = [] }: Service): void {
  const since = deployments[0]?.updatedAt ?? new Date(0);
  const [newest] = events.filter(({ createdAt }) => createdAt !== undefined && createdAt >= since);
  if (!/unable to stop or start tasks/i.test(newest?.message ?? '')) return;
  throw ApplicationFailure.nonRetryable(`The roll is stuck: ${newest?.message}`, 'NoProgress');
}
