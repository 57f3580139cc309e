/**
 * What AWS knows of a failure at the moment it is noticed. ECS forgets stopped tasks after an hour, so it is kept with the
 * deployment.
 */
import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Site } from '../../../planning/site';
import type { Evidence } from '../../../contract/status';
import type { AwsDependencies } from '../dependencies';
import { formatTarget } from '../ecs/replica-health';
import { describeService } from '../ecs/services';
import { describeStop } from '../ecs/stopped-tasks';
import { describeTargets } from '../elb/target-groups';
import { describeTasks } from '../ecs/tasks';

const mostTasks = 5;
const mostEvents = 5;

export const evidenceActivities = ({ clientsOf }: AwsDependencies) => ({
  /**
   * Stopped tasks with exit codes and last log lines, targets that aren't healthy, and the newest service events. Reads only.
   * @param groups the ARNs of its target groups, one a load balancer; runs of earlier versions give one, or `null`
   */
  async describeEvidence(
    site: Site,
    serviceName: string,
    groups: readonly string[] | string | null,
  ): Promise<Evidence> {
    const clients = clientsOf(site);
    const { cluster } = site;
    const service = await describeService(clients.ecs, cluster, serviceName);
    const stopped = service ? await describeTasks(clients, cluster, serviceName, 'STOPPED') : [];
    const own = stopped
      .filter(({ taskDefinitionArn }) => taskDefinitionArn === service?.taskDefinition)
      .slice(0, mostTasks);
    const targets: TargetHealthDescription[] = [];
    for (const arn of [groups ?? []].flat()) targets.push(...(await describeTargets(clients.elb, arn)));
    return {
      tasks: await Promise.all(own.map((task) => describeStop(clients, task))),
      targets: targets.filter(({ TargetHealth }) => TargetHealth?.State !== 'healthy').map(formatTarget),
      events: (service?.events ?? [])
        .slice(0, mostEvents)
        .map(({ createdAt, message }) => `${createdAt?.toISOString()} ${message}`),
    };
  },
});
