/**
 * Rolling deployments of a service, a round at a time: what is wanted, what is there, and the next tasks to start and stop.
 * These bounds hold at every moment:
 * - there are no more tasks than `maximumPercent` of the desired count, those that are stopping included;
 * - no task that serves is stopped below `minimumHealthyPercent`. Only a task that is known to be unhealthy, or that was
 *   never healthy, may be stopped regardless: where health isn't known, as after a restart, none is stopped.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { isWanted, scaled, tasksOfService, type Ecs } from '../ecs';
import type { Deployment, Service, Task } from '../state';
import { stopTask } from '../tasks/task-lifecycle';
import { isProtected } from '../tasks/task-protection';
import { zoneNotEnabled } from '../../elbv2/target-groups/targets';
import { healthOfTask, isHealthy } from '../tasks/targets';
import { breakCircuit } from './circuit-breaker';
import { recordCompleted } from './deployment-history';
import { addEvent, addEventOnce } from './events';
import { rebalance } from './rebalancing';
import { startTask } from './service-tasks';

/** Does for a service what can be done now. */
export function advanceService(ecs: Ecs, service: Service): void {
  if (service.status === 'INACTIVE') return;
  const primary = service.deployments[0];
  if (primary === undefined) return;
  const tasks = tasksOfService(ecs, service);
  noteHealth(ecs, service, tasks);
  noteFailures(ecs, service, tasks);
  replaceUnhealthy(ecs, service, tasks);
  rebalance(ecs, service, primary);
  removeSurplus(ecs, service, tasks);
  launch(ecs, service, primary, tasks);
  removeEmptyDeployments(ecs, service);
  conclude(ecs, service, primary);
}

/** The number of tasks that a service wants; none while it is being deleted. */
function wantedCount(service: Service): number {
  return service.status === 'DRAINING' ? 0 : service.desiredCount;
}

/** Whether a task was healthy, and isn't known to be unhealthy now. */
function mayServe(ecs: Ecs, task: Task): boolean {
  const isRunning = task.lastStatus === 'RUNNING' && task.desiredStatus === 'RUNNING';
  return isRunning && task.wasHealthy && healthOfTask(ecs, task).every(({ health }) => health.State !== 'unhealthy');
}

function noteHealth(ecs: Ecs, service: Service, tasks: readonly Task[]): void {
  for (const task of tasks) {
    if (task.wasHealthy || !isHealthy(ecs, task)) continue;
    task.wasHealthy = true;
    const deployment = service.deployments.find(({ id }) => id === task.deploymentId);
    const { resetOnHealthyTask = true } = service.settings.deploymentConfiguration?.deploymentCircuitBreaker ?? {};
    if (deployment !== undefined && resetOnHealthyTask) deployment.failedTasks = 0;
    ecs.changed();
  }
}

/** A task that fails before it was ever healthy counts against its deployment, whether it ended or had to be stopped. */
function noteFailures(ecs: Ecs, service: Service, tasks: readonly Task[]): void {
  for (const task of tasks) {
    if (task.failureCounted || task.wasHealthy || task.stopCode === undefined) continue;
    const isFault =
      task.stopCode === 'TaskFailedToStart' ||
      task.stopCode === 'EssentialContainerExited' ||
      (task.stoppedReason?.startsWith('Task failed ELB health checks') ?? false);
    if (!isFault) continue;
    task.failureCounted = true;
    const deployment = service.deployments.find(({ id }) => id === task.deploymentId);
    if (deployment !== undefined) countFailure(ecs, service, deployment);
  }
}

/** From the third failure in a row, AWS waits longer and longer; how long isn't published. */
function countFailure(ecs: Ecs, service: Service, deployment: Deployment): void {
  deployment.failedTasks++;
  deployment.updatedAt = ecs.now();
  const repeated = deployment.failedTasks - 2;
  if (repeated > 0) {
    deployment.notBefore = ecs.now() + scaled(ecs, Math.min(1_000 * 2 ** repeated, 900_000));
    addEventOnce(ecs, service, 'is unable to consistently start tasks successfully.');
  }
  ecs.changed();
  breakCircuit(ecs, service, deployment);
}

/** Replaces a task that a load balancer finds unhealthy after the grace period. */
function replaceUnhealthy(ecs: Ecs, service: Service, tasks: readonly Task[]): void {
  const graceMs = scaled(ecs, (service.settings.healthCheckGracePeriodSeconds ?? 0) * 1000);
  for (const task of tasks) {
    if (!isWanted(task) || task.lastStatus !== 'RUNNING') continue;
    if (ecs.now() < (task.startedAt ?? 0) + graceMs) continue;
    const failed = healthOfTask(ecs, task).find(
      ({ health }) => health.State === 'unhealthy' || health.Description === zoneNotEnabled,
    );
    if (failed === undefined) continue;
    const group = `(target-group ${failed.target.group.arn})`;
    const reason = `(reason ${failed.health.Description ?? 'Health checks failed'})`;
    const where = `(instance ${failed.target.id}) (port ${failed.target.port})`;
    addEvent(ecs, service, `${where} is unhealthy in ${group} due to ${reason}.`);
    const stoppedReason = `Task failed ELB health checks in ${group}`;
    stopTask(ecs, task, { stopCode: 'ServiceSchedulerInitiated', stoppedReason });
    service.steady = false;
  }
}

/** Stops surplus tasks: those of older deployments as far as the bounds allow, then those of the newest beyond its count. */
function removeSurplus(ecs: Ecs, service: Service, tasks: readonly Task[]): void {
  const [primary] = service.deployments;
  const active = tasks.filter(isWanted);
  const wanted = wantedCount(service);
  const { minimumHealthyPercent = 100 } = service.settings.deploymentConfiguration ?? {};
  const floor = Math.ceil((wanted * minimumHealthyPercent) / 100);
  let healthy = active.filter((task) => isHealthy(ecs, task)).length;
  const remove = (task: Task): void => {
    stopTask(ecs, task, {
      stopCode: 'ServiceSchedulerInitiated',
      stoppedReason: `Scaling activity initiated by (deployment ${primary?.id})`,
    });
    service.steady = false;
  };
  // A deployment that failed replaces no more tasks of earlier ones.
  const older = active.filter(({ deploymentId }) => deploymentId !== primary?.id && primary?.rolloutState !== 'FAILED');
  for (const task of leastUsefulFirst(ecs, older)) {
    if (isProtected(ecs, task)) continue;
    const counts = mayServe(ecs, task);
    if (counts && healthy <= floor) continue;
    if (counts) healthy--;
    remove(task);
  }
  const newest = active.filter(({ deploymentId }) => deploymentId === primary?.id);
  const extra = service.rebalancing?.taskArn === undefined ? 0 : 1;
  const removable = leastUsefulFirst(ecs, newest).filter((task) => !isProtected(ecs, task));
  for (const task of removable.slice(0, Math.max(0, newest.length - wanted - extra))) remove(task);
}

/** The tasks that don't serve before those that do, and the younger before the older. */
function leastUsefulFirst(ecs: Ecs, tasks: readonly Task[]): Task[] {
  const use = (task: Task): number =>
    isHealthy(ecs, task) ? 3 : mayServe(ecs, task) ? 2 : task.lastStatus === 'RUNNING' ? 1 : 0;
  return tasks.toSorted((one, other) => use(one) - use(other) || other.createdAt - one.createdAt);
}

function launch(ecs: Ecs, service: Service, primary: Deployment, tasks: readonly Task[]): void {
  const wanted = wantedCount(service);
  const missing = wanted - tasks.filter((task) => isWanted(task) && task.deploymentId === primary.id).length;
  if (missing <= 0 || primary.rolloutState === 'FAILED' || service.status !== 'ACTIVE') return;
  const { maximumPercent = 200 } = service.settings.deploymentConfiguration ?? {};
  const bound = Math.floor((wanted * maximumPercent) / 100);
  const present = tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  const count = Math.min(missing, bound - present.length);
  if (count <= 0) return warnWhenStuck(ecs, service, present);
  if (ecs.now() < primary.notBefore) return;
  const started = Array.from({ length: count }, () => startTask(ecs, service, primary)).filter(
    (task) => task !== undefined,
  );
  if (started.length < count) warnOfCapacity(ecs, service, primary);
  if (started.length === 0) return;
  service.steady = false;
  addEvent(ecs, service, `has started ${started.length} tasks: ${started.map(({ id }) => `(task ${id})`).join(' ')}.`);
}

/** Warns when nothing is stopping and the bounds let no task be started or stopped. */
function warnWhenStuck(ecs: Ecs, service: Service, present: readonly Task[]): void {
  if (present.some((task) => !isHealthy(ecs, task))) return;
  addEventOnce(
    ecs,
    service,
    'was unable to stop or start tasks during a deployment because of the service deployment configuration. ' +
      'Update the minimumHealthyPercent or maximumPercent value and try again.',
  );
}

/** Adds the event of Fargate, or of a cluster of container instances. Either counts as a failed start. */
function warnOfCapacity(ecs: Ecs, service: Service, primary: Deployment): void {
  const isFargate = primary.settings.launchType === 'FARGATE';
  addEvent(
    ecs,
    service,
    isFargate
      ? 'was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.'
      : 'was unable to place a task because no container instance met all of its requirements. Reason: No Container Instances were found in your cluster with enough room.',
  );
  primary.notBefore = ecs.now() + scaled(ecs, 10_000);
  primary.failedTasks++;
  ecs.changed();
  breakCircuit(ecs, service, primary);
}

function removeEmptyDeployments(ecs: Ecs, service: Service): void {
  const living = tasksOfService(ecs, service).filter(
    ({ lastStatus }) => !['STOPPING', 'DEPROVISIONING', 'STOPPED'].includes(lastStatus),
  );
  const left = service.deployments.filter(
    ({ id, status }) => status === 'PRIMARY' || living.some(({ deploymentId }) => deploymentId === id),
  );
  if (left.length === service.deployments.length) return;
  service.deployments = left;
  ecs.changed();
}

/** Records that the deployment is complete, the service steady, or its deletion done. */
function conclude(ecs: Ecs, service: Service, primary: Deployment): void {
  const tasks = tasksOfService(ecs, service);
  if (service.status === 'DRAINING') {
    if (tasks.some(({ lastStatus }) => lastStatus !== 'STOPPED')) return;
    service.status = 'INACTIVE';
    ecs.changed();
    return;
  }
  const settled =
    service.deployments.length === 1 &&
    service.deployments[0] === primary &&
    tasks.filter(isWanted).length === service.desiredCount &&
    tasks.filter(isWanted).every((task) => isHealthy(ecs, task)) &&
    tasks.every(({ lastStatus }) => lastStatus !== 'DEACTIVATING');
  if (!settled || primary.rolloutState === 'FAILED') return;
  if (primary.rolloutState === 'IN_PROGRESS') {
    primary.rolloutState = 'COMPLETED';
    primary.rolloutStateReason = `ECS deployment ${primary.id} completed.`;
    primary.updatedAt = ecs.now();
    service.lastCompleted = { ...primary };
    recordCompleted(ecs, service);
    addEvent(ecs, service, `(deployment ${primary.id}) deployment completed.`);
  }
  if (service.steady) return;
  service.steady = true;
  service.steadySince = ecs.now();
  addEvent(ecs, service, 'has reached a steady state.');
}
