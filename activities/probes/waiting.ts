/**
 * Green while people decide about it: nobody uses it, so that nothing else would notice that it dies. Seldom asked, for a decision may
 * take days.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { AwsDependencies } from '../aws/dependencies';
import { formatProgress, observeReplicas, refuseTrouble, type Replicas } from '../aws/ecs/replica-health';
import { describeService } from '../aws/ecs/services';
import { describeTargets } from '../aws/elb/target-groups';
import { isUnhealthy } from '../aws/targets/target-health';
import type { Site } from '../../planning/site';
import { heartbeating, pause, untilNextTick } from '../polling';
import { formatWrong } from './modules';
import { everyMs } from './pace';
import { healthPage, roundsOf, type Rounds } from './rounds';
import { refuseMore, type GreenThrough } from './together';

/** At how many looks in a row it must be another than was known. */
const looksToBelieve = 2;
/** A green that sickens again and again must be well for longer each time, up to so many looks: each change is told. */
const mostLooks = 60;

export const waitingProbes = (aws: AwsDependencies) => ({
  /**
   * Returns once green isn't any more what was known of it: why it is sick, a sentence, or `null` when it is well. A look is at its
   * targets' health, and one request for each module through each node.
   * Effect: none.
   * @param known what it returned last; `null` for well
   * @param changes how often that was another than before
   */
  async watchVerified(
    each: readonly [GreenThrough, ...GreenThrough[]],
    known: string | null,
    changes: number,
  ): Promise<string | null> {
    refuseMore(each);
    const watched = each.map((one) => ({ ...one, rounds: roundsOf(one.testAddress) }));
    const { testAddress } = each[0];
    return await heartbeating(async (report) => {
      for (let others = 0; ;) {
        await pause(others === 0 ? untilNextTick(everyMs(testAddress, 'waiting')) : everyMs(testAddress, 'verify'));
        const sick = await whySick(aws, watched);
        report(sick ?? 'Well');
        const isOther = (sick === null) !== (known === null);
        others = isOther ? others + 1 : 0;
        const needed = sick === null ? Math.min(looksToBelieve + changes, mostLooks) : looksToBelieve;
        if (others >= needed) return sick;
      }
    });
  },
});

interface Watched extends GreenThrough {
  readonly rounds: Rounds;
}

/** A sentence; `null` when it is well behind every load balancer. */
async function whySick(aws: AwsDependencies, each: readonly Watched[]): Promise<string | null> {
  for (const { site, replicas, paths, rounds } of each) {
    const unhealthy = await whyUnhealthy(aws, site, replicas);
    if (unhealthy !== null) return unhealthy;
    const answers = await rounds.ask(paths, healthPage);
    const wrong = answers.find(({ answer }) => answer.status !== 200);
    if (wrong) return formatWrong(wrong, answers);
  }
  return null;
}

/** Two reads while all is well; whoever scales it up meanwhile makes nothing sick. */
async function whyUnhealthy({ clientsOf }: AwsDependencies, site: Site, replicas: Replicas): Promise<string | null> {
  const clients = clientsOf(site);
  const [service, targets] = await Promise.all([
    describeService(clients.ecs, site.cluster, replicas.service),
    describeTargets(clients.elb, replicas.targetGroupArn),
  ]);
  const healthy = targets.filter(({ TargetHealth }) => TargetHealth?.State === 'healthy').length;
  const isWanted = service?.taskDefinition === replicas.taskDefinitionArn;
  if (isWanted && healthy >= replicas.count && !targets.some(isUnhealthy)) return null;
  try {
    const observed = await observeReplicas(clients, site.cluster, replicas);
    await refuseTrouble(clients, observed, replicas);
    return `${replicas.service} wants ${replicas.count} healthy replicas: ${formatProgress(observed, replicas)}.`;
  } catch (failure) {
    if (failure instanceof ApplicationFailure && failure.nonRetryable === true && isOfReplicas(failure))
      return failure.message;
    throw failure;
  }
}

const isOfReplicas = ({ type }: ApplicationFailure) =>
  ['GreenUnhealthy', 'NoCapacity', 'ServiceChangedByOthers'].includes(type ?? '');
