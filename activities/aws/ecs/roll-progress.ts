/**
 * How far ECS's rolling deployment of a service is, replica by replica, and whether it can still succeed. Only the new revision's
 * replicas can fail a roll: an old one that dies is replaced by a new one.
 */
import type { Service, Task } from '@aws-sdk/client-ecs';
import { ApplicationFailure } from '@temporalio/common';
import type { RollProgress } from '../../../contract/status';
import { waitedMs } from '../../polling';
import type { AwsClients } from '../client/clients';
import {
  allHealthy,
  observeReplicas,
  refuseTrouble,
  staleReadsMs,
  type ObservedReplicas,
  type Replicas,
} from './replica-health';
import { describeInstances } from '../targets/container-instances';
import { describeLingering } from '../targets/lingering';
import { noTargetSightings } from '../targets/target-health';
import { isPlaced, isTargetOf } from '../targets/target-tasks';
import { describeTasks } from './tasks';

export interface ObservedRoll {
  readonly progress: RollProgress;
  /** How many new replicas are still to come. */
  readonly missing: number;
  /** Of all targets, those of the new revision's replicas alone. */
  readonly observed: ObservedReplicas;
}

/**
 * How far a roll is now. What keeps ECS from stopping old replicas is looked for while every new one that is there is healthy.
 * @throws {ApplicationFailure} of type `GreenUnhealthy`, `NoCapacity`, `NoProgress` or `ServiceChangedByOthers` at the first sign of
 * failure
 */
export async function describeRoll(
  clients: AwsClients,
  cluster: string,
  replicas: Replicas,
  sightings = noTargetSightings(),
): Promise<ObservedRoll> {
  const observed = await observeReplicas(clients, cluster, replicas);
  const running = await describeTasks(clients, cluster, replicas.service, 'RUNNING');
  const instances = await describeInstances(clients, cluster, running);
  const isNew = (task: Task) => task.taskDefinitionArn === replicas.taskDefinitionArn;
  const news = running.filter(isNew);
  const targetOf = (task: Task) =>
    isPlaced(task, instances) ? observed.targets.find((target) => isTargetOf(task, target, instances)) : undefined;
  const targets = news.flatMap((task) => targetOf(task) ?? []);
  // A deployment that ECS gave up before proves nothing about the current one.
  const service = { ...observed.service, deployments: observed.service.deployments?.slice(0, 1) };
  const fresh = { ...observed, service, running, targets, instances };
  await refuseTrouble(clients, fresh, replicas, sightings);
  refuseEmpty(observed.service, replicas.service);
  const serving = news.filter((task) => targetOf(task)?.TargetHealth?.State === 'healthy');
  const old = running.filter((task) => !isNew(task));
  const left = { service: replicas.service, tasks: serving.length === news.length ? old : [], targets: [] };
  const { stuck } = await describeLingering(clients, cluster, left);
  const isStuck = old.length > 0 && stuck.length === old.length;
  if (!isStuck) refuseStuck(observed.service);
  const progress = {
    new: serving.length,
    starting: news.length - serving.length,
    old: old.length,
    draining: observed.stopped.filter(({ lastStatus }) => lastStatus !== 'STOPPED').length,
    complete: allHealthy(observed, replicas),
    ...(isStuck && { stuck }),
  };
  const missing = Math.max(0, (service.desiredCount ?? 0) - news.length);
  return { progress, missing, observed: fresh };
}

/**
 * A service that wants no replica serves nothing, and its roll would never end.
 * @throws {ApplicationFailure} of type `ServiceChangedByOthers`
 */
export function refuseEmpty({ desiredCount }: Service, name: string): void {
  if (desiredCount !== 0 || waitedMs() < staleReadsMs) return;
  throw ApplicationFailure.nonRetryable(
    `Somebody scaled ECS service ${name} to no replica at all, so nobody serves: scale it up, then retry. A rollback brings back as many as there were.`,
    'ServiceChangedByOthers',
  );
}

/** Somebody scaled the service to a count at which its bounds let no task stop or start. */
function refuseStuck({ events = [], deployments = [] }: Service): void {
  const since = deployments[0]?.updatedAt ?? new Date(0);
  const [newest] = events.filter(({ createdAt }) => createdAt !== undefined && createdAt >= since);
  if (!/unable to stop or start tasks/i.test(newest?.message ?? '')) return;
  throw ApplicationFailure.nonRetryable(`The roll is stuck: ${newest?.message}`, 'NoProgress');
}

/** A roll's progress, as text for people. */
export const formatRoll = ({ new: fresh, starting, old, draining }: RollProgress): string =>
  `${fresh} new, ${starting} starting, ${old} old, ${draining} draining`;
