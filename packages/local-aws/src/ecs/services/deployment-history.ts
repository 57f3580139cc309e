/**
 * What became of a service's deployments: one entry for each, the newest first. At most one is under way: the next one
 * stops it. A rollback is part of the entry that failed, not an entry of its own.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-deployment.html
 */
import type { Ecs } from '../ecs';
import type { Deployment, Service, ServiceDeploymentRecord } from '../state';

const mostRecords = 100;

/** The entry that is under way. */
export function currentRecord(service: Service): ServiceDeploymentRecord | undefined {
  return service.history?.find(({ finishedAt }) => finishedAt === undefined);
}

export function recordStart(ecs: Ecs, service: Service, deployment: Deployment): void {
  const running = currentRecord(service);
  if (running !== undefined) {
    end(ecs, running, 'STOPPED', 'The service deployment was stopped by a newer service deployment.');
    running.stoppedAt = ecs.now();
  }
  const sources = service.deployments.filter((one) => one !== deployment);
  const record: ServiceDeploymentRecord = {
    deploymentId: deployment.id,
    revision: deployment.revision ?? '',
    sources: [...new Set(sources.map(({ revision = '' }) => revision))],
    createdAt: ecs.now(),
    updatedAt: ecs.now(),
    status: 'IN_PROGRESS',
  };
  service.history = [record, ...(service.history ?? [])].slice(0, mostRecords);
  service.revisions = [
    {
      revision: deployment.revision ?? '',
      createdAt: ecs.now(),
      taskDefinition: deployment.taskDefinition,
      settings: deployment.settings,
    },
    ...(service.revisions ?? []),
  ].slice(0, mostRecords);
}

export function recordGivenUp(
  ecs: Ecs,
  service: Service,
  { reason, rollback }: { readonly reason: string; readonly rollback: boolean },
): void {
  const record = currentRecord(service);
  if (record === undefined) return;
  if (record.rollback !== undefined || rollback) return end(ecs, record, 'ROLLBACK_FAILED', reason);
  end(ecs, record, 'STOPPED', reason);
  record.stoppedAt = ecs.now();
}

/** Begins the rollback of the entry that was just given up. */
export function recordRollback(ecs: Ecs, service: Service, deployment: Deployment, reason: string): void {
  const [record] = service.history ?? [];
  if (record === undefined) return;
  record.status = 'ROLLBACK_IN_PROGRESS';
  delete record.finishedAt;
  record.rollback = { reason, startedAt: ecs.now(), revision: deployment.revision ?? '' };
  ecs.changed();
}

export function recordCompleted(ecs: Ecs, service: Service): void {
  const record = currentRecord(service);
  if (record === undefined) return;
  end(ecs, record, record.rollback === undefined ? 'SUCCESSFUL' : 'ROLLBACK_SUCCESSFUL', record.statusReason);
}

function end(
  ecs: Ecs,
  record: ServiceDeploymentRecord,
  status: ServiceDeploymentRecord['status'],
  reason: string | undefined,
): void {
  record.status = status;
  if (reason !== undefined) record.statusReason = reason;
  record.updatedAt = ecs.now();
  record.finishedAt = ecs.now();
  ecs.changed();
}
