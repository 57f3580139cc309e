/** What ECS judges a service's own deployments by is off while one runs here, and back when it is over. */
import { aws } from '../activities';
import type { DeploymentPlan } from '../../planning/plans/deployment';

/** Plans of earlier versions have none of it. */
export async function setFailureDetection({ site, failureDetection }: DeploymentPlan): Promise<void> {
  if (failureDetection) await aws.setFailureDetection(site, failureDetection);
}
