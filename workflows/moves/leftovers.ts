/**
 * What else there is of the application when a deployment has gone forward: what it adopted, what a terminated deployment left
 * running, and what bears the name from before a rename. All of it goes, drained.
 */
import { aws } from '../activities';
import type { Run } from '../engine/run';
import { settles } from './settling';
import { drain } from './drain';
import type { DeploymentPlan } from '../../planning/plans/deployment';

/** Nothing may lead to what was adopted once it goes, and those of its rules that stay are the application's own from now on. */
export async function settleAdoption(run: Run, { site, liveRoute, adoption, options }: DeploymentPlan): Promise<void> {
  if (!adoption) return;
  const written = await aws.settleAdoption(site, liveRoute, adoption);
  const deletesRules = adoption.rules.some(({ ruleIndex }) => ruleIndex === null);
  if (settles(deletesRules, written))
    await run.sleep(options.settle, 'The adopted rules leave every node of the load balancer');
}

/** Retires what a deployment had adopted that was terminated after its cut: it is not blue any more. */
export async function retireAdopted(run: Run, { site, blue, adoption }: DeploymentPlan): Promise<void> {
  if (!adoption || blue.kind === 'adopted') return;
  await aws.setDesiredCount(site, { service: adoption.service, desiredCount: 0 });
  await drain(run, site, adoption.service, adoption.targetGroupArn);
}

/** Retires what a terminated deployment left running: it would go on running timers beside green's. */
export async function retireLeftovers(run: Run, { site, leftovers = [] }: DeploymentPlan): Promise<void> {
  for (const { service, targetGroupArn } of leftovers) {
    await aws.setDesiredCount(site, { service, desiredCount: 0 });
    await drain(run, site, service, targetGroupArn);
  }
}

/** Removes what bears the name from before a rename: its tasks are gone, drained, and its task definitions stay for an undo. */
export async function removeOutgrown({ site, outgrown = [] }: DeploymentPlan): Promise<void> {
  for (const { service } of outgrown)
    if (service !== null) {
      await aws.setDesiredCount(site, { service, desiredCount: 0 });
      await aws.deleteService(site, service);
    }
  for (const { targetGroupArn } of outgrown)
    if (targetGroupArn !== null) await aws.deleteTargetGroup(site, targetGroupArn);
}

export async function deleteAdopted({ site, adoption }: DeploymentPlan): Promise<void> {
  if (!adoption?.deleted) return;
  await aws.deleteService(site, adoption.service);
  await aws.deleteTargetGroup(site, adoption.targetGroupArn);
}
