/** Blue, what served before: the last look before it loses its capacity, and its replicas before traffic goes back to it. */
import { aws, waits } from '../activities';
import { changed } from '../changes';
import { stepFailure } from '../engine/failures';
import type { Run } from '../engine/run';
import type { DeploymentPlan } from '../../planning/plans/deployment';

export interface LastLook {
  /** Fails while a rule still leads there. */
  readonly confirm: () => Promise<void>;
  /** Proves that users are served as they should be. */
  readonly prove: () => Promise<void>;
  readonly settleMs: number;
}

/**
 * The last look before something loses its capacity: no rule may lead to it, whoever changed or made one meanwhile. What people
 * put back must first be back on every node of the load balancer, for AWS's API knows it sooner than they do.
 * @returns a step's action; when it failed before, it proves anew before it ends
 */
export function lastLook(run: Run, { confirm, prove, settleMs }: LastLook): () => Promise<void> {
  let isAsProven = true;
  return async () => {
    try {
      await confirm();
    } catch (error) {
      isAsProven = false;
      throw error;
    }
    if (isAsProven) return;
    await run.sleep(settleMs, 'The rules reach every node of the load balancer again');
    await prove();
  };
}

/** What a way back has begun, however often it is tried. */
export interface Reviving {
  /** Once blue is about to be scaled: its replicas are waited for even where the count is right already. */
  reviving?: true;
}

/** Long enough for ECS to start tasks, and short where green answers wrongly meanwhile. */
const restPatienceMs = 2 * 60_000;

/**
 * What traffic goes back to must be there: people or its autoscaling may have scaled it in meanwhile. Where nothing of it runs, it
 * holds until as many replicas are healthy as the plan found; where some do, the rest is waited for only so long, and noted, for
 * green may be what answers wrongly.
 */
export async function reviveBlue(
  run: Run,
  { site, blue, startTimeoutMs }: Pick<DeploymentPlan, 'site' | 'blue' | 'startTimeoutMs'>,
  progress: Reviving,
): Promise<void> {
  if (blue.kind === 'platformServer' || blue.desiredCount === 0) return;
  const { service, taskDefinitionArn, targetGroupArn, desiredCount: count } = blue;
  const { desiredCount, runningCount, stoppedTasks: ignoredTasks } = await aws.describeReplicas(site, service);
  const isBegun = progress.reviving === true && changed('await-what-was-revived');
  if (desiredCount >= count && !isBegun) return;
  progress.reviving = true;
  const someServe = desiredCount > 0 && runningCount > 0;
  const timeoutMs = someServe ? Math.min(startTimeoutMs, restPatienceMs) : startTimeoutMs;
  try {
    await aws.setDesiredCount(site, { service, atLeast: count, expecting: taskDefinitionArn });
    await waits.waitForReplicas(site, { service, taskDefinitionArn, targetGroupArn, count, ignoredTasks, timeoutMs });
  } catch (error) {
    const failure = stepFailure(error);
    if (!someServe || failure === undefined) throw error;
    run.note(`Traffic went back to ${service} before all of its ${count} replicas were healthy: ${failure.message}`);
  }
}
