/** What was scaled to zero ends, drained, or is left over by name: a drain never takes for ever. Nothing here writes. */
import { together } from '../../concurrency';
import type { Task } from '@aws-sdk/client-ecs';
import { formatDuration } from '../../../settings/durations';
import type { Site } from '../../../planning/site';
import { poll } from '../../polling';
import type { AwsClients } from '../client/clients';
import { unless } from '../client/errors';
import { pollingOf, type AwsDependencies } from '../dependencies';
import { describeAttributes, describeTargets } from '../elb/target-groups';
import { describeLingering } from '../targets/lingering';
import { describeService } from './services';
import { describeTaskDefinition } from './task-definitions';
import { describeTasks } from './tasks';

/** What is left of a service that should be gone. */
export interface Drain {
  /** Milliseconds since the epoch. */
  readonly since: number;
  /** A text for each task or target that is left, with why it stays where that is known. */
  readonly left: readonly string[];
  /** Whether its time is over: nothing waits for it any more. */
  readonly isOver: boolean;
  /** How long it was given, e.g. `5m 30s`. */
  readonly limit: string;
}

/** Room beside what AWS itself may take, where the zone's settings name none. */
const defaultDrainTimeoutMs = 5 * 60_000;
/** For so many looks it is looked four times as often, from when either tasks or targets have gone: the others follow. */
const looksInHaste = 20;
/** What is left is looked at closely at every fifth look only, for that takes four more calls. */
const looksForEachCloseOne = 5;

export const drainWaits = (aws: AwsDependencies) => ({
  /**
   * Returns `null` when no task of the service runs and none of its targets is registered any more; and what is left as soon as
   * something is found that ECS doesn't end by itself, or when the time is over: deregistration delay, stop time-out, and the
   * zone's `drainTimeout`.
   * @param seen what an earlier call returned: it is returned again only when it differs or is over
   */
  async waitForDrained(
    site: Site,
    serviceName: string,
    targetGroupArn: string | null,
    seen: Drain | null = null,
  ): Promise<Drain | null> {
    const clients = aws.clientsOf(site);
    let since = seen?.since ?? Date.now();
    const limitMs = await drainLimitMs(clients, site, serviceName, targetGroupArn);
    const limit = formatDuration(limitMs);
    const { everyMs } = pollingOf(aws);
    let inHaste = 0;
    let haste = 1;
    let looks = 0;
    const drain = await poll(
      async (report) => {
        const { running, targets } = await observe(clients, site.cluster, serviceName, targetGroupArn);
        if (running === 0 && targets.length === 0) return 'drained' as const;
        haste = (running === 0 || targets.length === 0) && inHaste++ < looksInHaste ? 4 : 1;
        report(`${running} tasks and ${targets.length} targets are left`);
        // It began in the future where somebody set the clock back.
        since = Math.min(since, Date.now());
        const isOver = Date.now() - since > limitMs;
        if (!isOver && ++looks % looksForEachCloseOne !== 0) return undefined;
        const tasks = await describeRemaining(clients, site.cluster, serviceName);
        const { stuck, others } = await describeLingering(clients, site.cluster, {
          service: serviceName,
          tasks,
          targets,
        });
        if (isOver) return { since, left: [...stuck, ...others], isOver, limit };
        const isNews = stuck.length > 0 && JSON.stringify(stuck) !== JSON.stringify(seen?.left);
        return isNews ? { since, left: stuck, isOver, limit } : undefined;
      },
      { everyMs: () => Math.ceil(everyMs / haste) },
    );
    return drain === 'drained' ? null : drain;
  },
});

async function observe(clients: AwsClients, cluster: string, serviceName: string, targetGroupArn: string | null) {
  const [service, targets] = await together([
    describeService(clients.ecs, cluster, serviceName),
    targetGroupArn === null ? [] : describeTargets(clients.elb, targetGroupArn),
  ]);
  const running = service ? (service.runningCount ?? 0) + (service.pendingCount ?? 0) : 0;
  return { running, targets: targets.filter(({ TargetHealth }) => TargetHealth?.State !== 'unused') };
}

/** Those that are to stop included. */
async function describeRemaining(clients: AwsClients, cluster: string, serviceName: string): Promise<Task[]> {
  const list = (status: 'RUNNING' | 'STOPPED') =>
    unless('ServiceNotFound', [], describeTasks(clients, cluster, serviceName, status));
  const tasks = (await Promise.all([list('RUNNING'), list('STOPPED')])).flat();
  return tasks.filter(({ lastStatus }) => lastStatus !== 'STOPPED');
}

async function drainLimitMs(
  clients: AwsClients,
  { cluster, drainTimeoutMs = defaultDrainTimeoutMs }: Site,
  serviceName: string,
  targetGroupArn: string | null,
): Promise<number> {
  const none: Readonly<Record<string, string>> = {};
  const [stopSeconds, attributes] = await together([
    describeStopTimeout(clients, cluster, serviceName),
    targetGroupArn === null
      ? none
      : unless('TargetGroupNotFound', none, describeAttributes(clients.elb, targetGroupArn)),
  ]);
  const delaySeconds = Number(attributes['deregistration_delay.timeout_seconds'] ?? 0);
  return (stopSeconds + delaySeconds) * 1000 + drainTimeoutMs;
}

async function describeStopTimeout({ ecs }: AwsClients, cluster: string, serviceName: string): Promise<number> {
  const { taskDefinition } = (await describeService(ecs, cluster, serviceName)) ?? {};
  const { containerDefinitions = [] } =
    (taskDefinition === undefined ? undefined : await describeTaskDefinition(ecs, taskDefinition)) ?? {};
  return Math.max(0, ...containerDefinitions.map(({ stopTimeout = 30 }) => stopTimeout));
}
