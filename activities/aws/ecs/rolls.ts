/**
 * ECS's rolling deployment of a service: begun or held in one call, and waited for.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-ecs.html
 */
import { UpdateServiceCommand, type Service } from '@aws-sdk/client-ecs';
import type { RollProgress } from '../../../contract/status';
import type { ReliedTargetGroup } from '../../../planning/observed/drift';
import type { ServiceSettings } from '../../../planning/observed/observed';
import type { RollBounds } from '../../../planning/plans/rolling-update';
import type { Site } from '../../../planning/site';
import { detectionOf, detectionOff } from '../../../planning/twin/failure-detection';
import { poll, waitedMs } from '../../polling';
import { unless } from '../client/errors';
import { pollingOf, writing, type AwsDependencies } from '../dependencies';
import { setServiceTags } from '../tags';
import { driftActivities } from '../elb/drift';
import { formatObstacles, notInTime, type Replicas } from './replica-health';
import { describeRoll, formatRoll } from './roll-progress';
import { describeService, serviceChanged, updateOf } from './services';
import { noTargetSightings } from '../targets/target-health';

export interface RollPlan {
  readonly service: string;
  /** The revision that every replica is to have. */
  readonly taskDefinitionArn: string;
  /** The revisions that the service may have now; any other is somebody else's deployment. */
  readonly expected: readonly string[];
  readonly bounds: RollBounds;
  /** What the service is to be like beside them. Default: as it is. */
  readonly settings?: ServiceSettings;
  /** That it is to have beside its own. Default: none. */
  readonly tags?: Readonly<Record<string, string>>;
}

export const rollActivities = (aws: AwsDependencies) => ({
  /**
   * Gives the service this revision, these settings and these bounds, whatever a read shows, for it may be late. ECS's circuit breaker stops a
   * hopeless roll; rolling back is ours.
   * Effect: one UpdateService, after the tags where there are such. Idempotent: absolute; a deployment that ECS gave up is begun anew.
   * @throws {ApplicationFailure} of type `ServiceChangedByOthers` when it is gone, or has an unexpected revision
   */
  async rollService(site: Site, plan: RollPlan): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster } = site;
    const found = await describeService(ecs, cluster, plan.service);
    const now = found?.taskDefinition ?? '';
    if (!found) throw serviceChanged(plan.service, 'it is gone');
    if (![plan.taskDefinitionArn, ...plan.expected].includes(now))
      throw serviceChanged(plan.service, `it runs ${now} instead of ${plan.expected.join(' or ')}`);
    if (plan.tags) await setServiceTags(ecs, found, plan.tags);
    const gaveUp = found.deployments?.[0]?.rolloutState === 'FAILED';
    await ecs.send(
      new UpdateServiceCommand({
        cluster,
        service: plan.service,
        taskDefinition: plan.taskDefinitionArn,
        ...(plan.settings && updateOf(found, plan.settings)),
        deploymentConfiguration: {
          ...plan.bounds,
          ...detectionOff(detectionOf(found.deploymentConfiguration).failureDetection),
          deploymentCircuitBreaker: { enable: true, rollback: false },
        },
        ...(gaveUp && now === plan.taskDefinitionArn && { forceNewDeployment: true }),
      }),
    );
  },

  /**
   * Stops a roll where it is: no healthy replica may stop, and no new one may start. AWS refuses 100 and 100 percent.
   * Effect: one UpdateService, which begins no deployment. Idempotent: absolute; a service that is gone is left alone.
   */
  async holdRoll(site: Site, service: string): Promise<void> {
    const { ecs } = writing(aws, site);
    const { cluster } = site;
    const update = ecs.send(new UpdateServiceCommand({ cluster, service, deploymentConfiguration: heldBounds }));
    await unless('ServiceNotFound', undefined, unless('ServiceNotActive', undefined, update));
  },
});

const heldBounds = { minimumHealthyPercent: 100, maximumPercent: 101 } as const;

export const rollWaits = (aws: AwsDependencies) => ({
  /**
   * Returns how far a roll is as soon as that differs from what was seen before, and when it is complete. The time limit is for
   * each change; a roll that only misses the end of old replicas that ECS doesn't stop is complete after it, and where the bounds
   * leave no room beside those, the room that it needs is returned.
   * @param relied the target group as it must stay; `null` for a rollback, which continues in spite of a change
   * @throws {ApplicationFailure} as `waitForReplicas`; of type `NoProgress` when the service's bounds let no task stop or start; of
   * type `TargetGroupChangedByOthers`
   */
  async waitForRollProgress(
    site: Site,
    replicas: Replicas,
    seen: RollProgress | null,
    relied: ReliedTargetGroup | null = null,
  ): Promise<RollProgress> {
    const clients = aws.clientsOf(site);
    const { confirmTargetGroups } = driftActivities(aws);
    const sightings = noTargetSightings();
    let looks = 0;
    return await poll(async (report) => {
      if (looks++ % looksForEachConfirmation === 0) await confirmTargetGroups(site, null, relied);
      const { progress: now, missing, observed } = await describeRoll(clients, site.cluster, replicas, sightings);
      const progress = [formatRoll(now), ...formatObstacles(observed, replicas)].join('; ');
      report(progress);
      if (now.complete || JSON.stringify(now) !== JSON.stringify(seen)) return now;
      if (waitedMs() > replicas.timeoutMs) {
        if (now.stuck && missing === 0) return { ...now, complete: true };
        const room = now.stuck && roomBeside(observed.service, now.stuck.length);
        if (room) return { ...now, room };
        throw notInTime(replicas, observed, progress);
      }
      return undefined;
    }, pollingOf(aws));
  },
});

/** The bounds' maximum that leaves room for every new replica beside so many old ones; `undefined` where they have it. */
function roomBeside({ desiredCount = 0, deploymentConfiguration }: Service, old: number): number | undefined {
  const { maximumPercent = 200 } = deploymentConfiguration ?? {};
  const hasRoom = Math.floor((desiredCount * maximumPercent) / 100) >= desiredCount + old;
  return hasRoom || desiredCount === 0 ? undefined : Math.ceil(((desiredCount + old) * 100) / desiredCount);
}

/** The target group is confirmed at every fifth look only, for that takes two more calls. */
const looksForEachConfirmation = 5;
