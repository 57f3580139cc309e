/**
 * Availability Zone rebalancing: a service that is steady, but has two tasks more in one zone than in another, gets a task in the
 * emptier zone first, and loses one in the fuller zone once that is healthy.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
import { isWanted, scaled, tasksOfService, type Ecs } from '../ecs';
import type { Deployment, Service, Task } from '../state';
import { placesIn, type Place } from '../tasks/placement';
import { stopTask } from '../tasks/task-lifecycle';
import { isProtected } from '../tasks/task-protection';
import { isHealthy } from '../tasks/targets';
import { addEvent } from './events';
import { startTask } from './service-tasks';

/** How long a service is steady before it is rebalanced, and how long after a failure AWS tries again; neither is published. */
const beginsAfterMs = 20_000;
const againAfterMs = 60_000;

/** A zone with the tasks that are wanted there. */
interface Zone {
  readonly name: string;
  readonly places: readonly Place[];
  readonly tasks: readonly Task[];
}

/** Does what can be done now. To be called in every round. */
export function rebalance(ecs: Ecs, service: Service, primary: Deployment): void {
  const zones = zonesOf(ecs, service, primary);
  if (!mayRebalance(service, primary) || zones.length < 2) return forget(ecs, service);
  const [emptiest, fullest] = [zones[0], zones.at(-1)];
  if (emptiest === undefined || fullest === undefined) return;
  if (service.rebalancing === undefined) begin(ecs, service, zones);
  else if (service.rebalancing.taskArn !== undefined) replace(ecs, service, primary, fullest);
  else if (isBalanced(zones)) end(ecs, service, `is AZ balanced with ${formatCounts(zones)}.`);
  else extend(ecs, service, primary, emptiest);
}

function mayRebalance({ settings, deployments, status }: Service, primary: Deployment): boolean {
  const isSettled = status === 'ACTIVE' && deployments.length === 1 && primary.rolloutState === 'COMPLETED';
  return settings.availabilityZoneRebalancing === 'ENABLED' && isSettled;
}

/** Every zone that the service may use, those with the fewest tasks first. */
function zonesOf(ecs: Ecs, service: Service, primary: Deployment): Zone[] {
  const tasks = tasksOfService(ecs, service).filter(isWanted);
  const places = placesIn(ecs, primary.settings.networkConfiguration);
  return [...new Set(places.map(({ availabilityZone }) => availabilityZone))]
    .map((name) => ({
      name,
      places: places.filter(({ availabilityZone }) => availabilityZone === name),
      tasks: tasks.filter(({ availabilityZone }) => availabilityZone === name),
    }))
    .toSorted((one, other) => one.tasks.length - other.tasks.length);
}

function isBalanced(zones: readonly Zone[]): boolean {
  return (zones.at(-1)?.tasks.length ?? 0) - (zones[0]?.tasks.length ?? 0) < 2;
}

function begin(ecs: Ecs, service: Service, zones: readonly Zone[]): void {
  const from = Math.max((service.steadySince ?? 0) + scaled(ecs, beginsAfterMs), service.rebalanceAfter ?? 0);
  if (!service.steady || ecs.now() < from || isBalanced(zones)) return;
  service.rebalancing = {};
  addEvent(ecs, service, `is not AZ balanced with ${formatCounts(zones)}. AZ Rebalancing in progress.`);
}

/** Starts a task in the emptier zone, as far as the service may have one more. */
function extend(ecs: Ecs, service: Service, primary: Deployment, { name, places }: Zone): void {
  const { maximumPercent = 200 } = service.settings.deploymentConfiguration ?? {};
  const present = tasksOfService(ecs, service).filter(({ lastStatus }) => lastStatus !== 'STOPPED');
  if (present.length >= Math.floor((service.desiredCount * maximumPercent) / 100)) return;
  const task = startTask(ecs, service, primary, places);
  if (task === undefined) {
    const why =
      primary.settings.launchType === 'FARGATE' ? '' : ' because no container instance met all of its requirements';
    addEvent(ecs, service, `is unable to place a task in ${name}${why}.`);
    return stop(ecs, service);
  }
  service.rebalancing = { taskArn: task.arn };
  addEvent(ecs, service, `has started 1 tasks in ${name} to AZ Rebalance: (task ${task.id}).`);
}

/** Stops a task of the fuller zone once the other one is healthy. */
function replace(ecs: Ecs, service: Service, primary: Deployment, { name, tasks }: Zone): void {
  const extra = ecs.state.tasks[service.rebalancing?.taskArn ?? ''];
  if (extra === undefined || !isWanted(extra)) return stop(ecs, service);
  if (!isHealthy(ecs, extra)) return;
  const wanted = tasksOfService(ecs, service).filter(isWanted);
  // The service was scaled out meanwhile, or lost a task: then the one that was started is no extra one any more.
  if (wanted.length <= service.desiredCount) return void (service.rebalancing = {});
  const [surplus] = tasks.filter((task) => task !== extra && !isProtected(ecs, task));
  if (surplus === undefined) {
    const why = `was unable to AZ Rebalance because (deployment ${primary.id}) was unable to scale in due to task protection.`;
    addEvent(ecs, service, why);
    return stop(ecs, service);
  }
  stopTask(ecs, surplus, {
    stopCode: 'ServiceSchedulerInitiated',
    stoppedReason: `Availability-zone rebalancing initiated by (deployment ${primary.id})`,
  });
  addEvent(ecs, service, `has stopped 1 running tasks in ${name} due to AZ rebalancing: (task ${surplus.id}).`);
  service.rebalancing = {};
}

function stop(ecs: Ecs, service: Service): void {
  service.rebalanceAfter = ecs.now() + scaled(ecs, againAfterMs);
  end(ecs, service, 'stopped AZ Rebalancing.');
}

function end(ecs: Ecs, service: Service, event: string): void {
  delete service.rebalancing;
  addEvent(ecs, service, event);
}

/** A deployment, or a change of the service, ends it without a word; what was started is the deployment's to keep or stop. */
function forget(ecs: Ecs, service: Service): void {
  if (service.rebalancing === undefined) return;
  delete service.rebalancing;
  ecs.changed();
}

function formatCounts(zones: readonly Zone[]): string {
  return zones
    .toSorted((one, other) => one.name.localeCompare(other.name))
    .map(({ name, tasks }) => `${tasks.length} tasks in ${name}`)
    .join(', ');
}
