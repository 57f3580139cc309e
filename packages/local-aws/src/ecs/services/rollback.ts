/**
 * How deployments begin and are given up. One that is given up starts no more tasks; if it is to be rolled back, the last
 * completed one is deployed again. A rollback that fails isn't rolled back in turn.
 */
import { hexId } from '../../scope';
import type { Ecs } from '../ecs';
import type { Deployment, Service } from '../state';
import { recordGivenUp, recordRollback, recordStart } from './deployment-history';
import { addEvent } from './events';

type Wanted = Pick<Deployment, 'taskDefinition' | 'settings'> & Partial<Pick<Deployment, 'revision'>>;

/** Makes the new deployment the primary one; the one before stays as long as it has tasks. */
export function startDeployment(ecs: Ecs, service: Service, wanted: Wanted): Deployment {
  const deployment = addDeployment(ecs, service, wanted);
  recordStart(ecs, service, deployment);
  return deployment;
}

/** Why a deployment is given up, in AWS's words. */
export interface GivingUp {
  /** The deployment's `rolloutStateReason`. */
  readonly reason: string;
  /** The part of the service's event after `(deployment ID) `. */
  readonly event: string;
  readonly rollback: boolean;
  /** What rolls back: the beginning of the new deployment's reason. */
  readonly by: string;
}

/** Gives a deployment up, and rolls back if that is wanted. */
export function giveUp(ecs: Ecs, service: Service, deployment: Deployment, why: GivingUp): void {
  deployment.rolloutState = 'FAILED';
  deployment.rolloutStateReason = why.reason;
  deployment.updatedAt = ecs.now();
  addEvent(ecs, service, `(deployment ${deployment.id}) ${why.event}`);
  recordGivenUp(ecs, service, why);
  const back = service.lastCompleted;
  if (!why.rollback || back === undefined || deployment.rollsBack === true) return;
  const started = addDeployment(ecs, service, back);
  started.rollsBack = true;
  started.rolloutStateReason = `${why.by}: rolling back to deploymentId ${back.id}.`;
  service.taskDefinition = back.taskDefinition;
  recordRollback(ecs, service, started, why.reason);
  addEvent(ecs, service, `(deployment ${deployment.id}) rolling back to deployment ${back.id}.`);
}

function addDeployment(ecs: Ecs, service: Service, wanted: Wanted): Deployment {
  const number = BigInt(`0x${hexId(15)}`)
    .toString()
    .padStart(19, '9')
    .slice(-19);
  const id = `ecs-svc/${number}`;
  const deployment: Deployment = {
    id,
    revision: wanted.revision ?? number,
    status: 'PRIMARY',
    taskDefinition: wanted.taskDefinition,
    settings: wanted.settings,
    desiredCount: service.desiredCount,
    failedTasks: 0,
    createdAt: ecs.now(),
    updatedAt: ecs.now(),
    rolloutState: 'IN_PROGRESS',
    rolloutStateReason: `ECS deployment ${id} in progress.`,
    notBefore: 0,
  };
  for (const older of service.deployments) older.status = 'ACTIVE';
  service.deployments = [deployment, ...service.deployments];
  service.steady = false;
  ecs.changed();
  return deployment;
}
