/**
 * What traffic goes back to must be there: somebody, or its autoscaling, may have scaled it in meanwhile. Where nothing of it
 * runs, it holds until all of it does; where some does, the rest is waited for only so long, for green may be what answers wrongly.
 */
import { aws, waits } from '../activities';
import { stepFailure } from '../engine/failures';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { Execution } from '../engine/runbook';

/** Long enough for ECS to start tasks, and short where green answers wrongly meanwhile. */
const restPatienceMs = 2 * 60_000;

/** As many replicas as the plan found, where fewer are wanted now; returns when they are healthy, or notes that they aren't. */
export async function reviveBlue(
  run: Pick<Execution, 'notes'>,
  { site, blue, startTimeoutMs }: Pick<DeploymentPlan, 'site' | 'blue' | 'startTimeoutMs'>,
): Promise<void> {
  if (blue.kind === 'platformServer' || blue.desiredCount === 0) return;
  const { service, taskDefinitionArn, targetGroupArn, desiredCount: count } = blue;
  const { desiredCount, runningCount, stoppedTasks: ignoredTasks } = await aws.describeReplicas(site, service);
  if (desiredCount >= count) return;
  const someServe = desiredCount > 0 && runningCount > 0;
  const timeoutMs = someServe ? Math.min(startTimeoutMs, restPatienceMs) : startTimeoutMs;
  try {
    await aws.setDesiredCount(site, service, count, taskDefinitionArn, 'atLeast');
    await waits.waitForReplicas(site, { service, taskDefinitionArn, targetGroupArn, count, ignoredTasks, timeoutMs });
  } catch (error) {
    const failure = stepFailure(error);
    if (!someServe || failure === undefined) throw error;
    run.notes(`Traffic went back to ${service} before all of its ${count} replicas were healthy: ${failure.message}`);
  }
}
