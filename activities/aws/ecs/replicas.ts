/** The replicas of a service: counted, waited for, and watched. Nothing here writes, and a cancellation ends every wait. */
import type { Site } from '../../../planning/site';
import { poll, waitedMs } from '../../polling';
import { pollingOf, type AwsDependencies } from '../dependencies';
import {
  allHealthy,
  formatProgress,
  notInTime,
  observeNewReplicas,
  observeReplicas,
  refuseForeignTargets,
  refuseNewTrouble,
  refuseNoReplica,
  refuseTrouble,
  type Replicas,
} from './replica-health';
import { describeService } from './services';
import { noTargetSightings } from '../targets/target-health';
import { describeTasks } from './tasks';

/** What a service wants and has, whether healthy or not. */
export interface ReplicaCounts {
  readonly desiredCount: number;
  readonly runningCount: number;
  /** The ARNs of the tasks that ECS still remembers as stopped. */
  readonly stoppedTasks: readonly string[];
}

export const replicaActivities = ({ clientsOf }: AwsDependencies) => ({
  /** How many replicas a service wants and has, and which of its tasks have stopped already; zeros without a service. */
  async describeReplicas(site: Site, service: string): Promise<ReplicaCounts> {
    const clients = clientsOf(site);
    const found = await describeService(clients.ecs, site.cluster, service);
    if (!found) return { desiredCount: 0, runningCount: 0, stoppedTasks: [] };
    const stopped = await describeTasks(clients, site.cluster, service, 'STOPPED');
    const { desiredCount = 0, runningCount = 0 } = found;
    return { desiredCount, runningCount, stoppedTasks: stopped.map(({ taskArn = '' }) => taskArn) };
  },
});

export const replicaWaits = (aws: AwsDependencies) => ({
  /**
   * Returns when every replica is healthy.
   * @throws {ApplicationFailure} of type `GreenUnhealthy` at the first task that ends or target that fails, or after the time
   * limit; of type `NoCapacity` after the time limit, when capacity is missing; of type `ServiceChangedByOthers` when somebody deployed another revision, or when the service
   * wants no replica any more, for then none comes however long the wait
   */
  async waitForReplicas(site: Site, replicas: Replicas): Promise<void> {
    const clients = aws.clientsOf(site);
    const sightings = noTargetSightings();
    await poll(async (report) => {
      const observed = await observeNewReplicas(clients, site.cluster, replicas);
      if (!observed) return report(`${replicas.service} isn't seen yet`);
      if (allHealthy(observed, replicas)) return true;
      await refuseTrouble(clients, observed, replicas, sightings);
      refuseForeignTargets(observed, replicas, sightings);
      refuseNoReplica(replicas.service, observed.service);
      if (waitedMs() > replicas.timeoutMs) throw notInTime(replicas, observed, formatProgress(observed, replicas));
      report(formatProgress(observed, replicas));
      return undefined;
    }, pollingOf(aws));
  },

  /**
   * Never returns by itself: fails when a replica gets into trouble, and ends when it is cancelled.
   * @param sharing the service that has the rest of live traffic, if any; it must keep a replica too
   * @throws {ApplicationFailure} as `waitForReplicas`, but one crash is tolerated, and the time limit is for becoming healthy again
   */
  async watchReplicas(site: Site, replicas: Replicas, sharing: string | null = null): Promise<void> {
    const clients = aws.clientsOf(site);
    const sightings = noTargetSightings();
    await poll(async (report) => {
      const observed = await observeReplicas(clients, site.cluster, replicas);
      await refuseNewTrouble(clients, observed, replicas, sightings);
      if (sharing !== null) refuseNoReplica(sharing, await describeService(clients.ecs, site.cluster, sharing));
      report(formatProgress(observed, replicas));
      return undefined;
    }, pollingOf(aws));
  },
});
