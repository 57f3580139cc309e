/** What traffic goes back to must be there: somebody may have scaled it to nothing meanwhile. */
import { aws, waits } from './activities';
import type { DeploymentPlan } from '../planning/deployment';

/** As many replicas as the plan found, where there are none wanted any more; returns when they are healthy. */
export async function reviveBlue({
  site,
  blue,
  startTimeoutMs: timeoutMs,
}: Pick<DeploymentPlan, 'site' | 'blue' | 'startTimeoutMs'>): Promise<void> {
  if (blue.kind === 'platformServer' || blue.desiredCount === 0) return;
  const { service, taskDefinitionArn, targetGroupArn, desiredCount: count } = blue;
  const { desiredCount, stoppedTasks: ignoredTasks } = await aws.describeReplicas(site, service);
  if (desiredCount > 0) return;
  await aws.setDesiredCount(site, service, count, taskDefinitionArn, 'atLeast');
  await waits.waitForReplicas(site, { service, taskDefinitionArn, targetGroupArn, count, ignoredTasks, timeoutMs });
}
