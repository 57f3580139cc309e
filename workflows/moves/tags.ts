/** What a deployment found with other tags than the settings want gets them, once it has gone forward. */
import { aws } from '../activities';
import type { DeploymentPlan } from '../../planning/plans/deployment';

/** Plans of earlier versions have none such. */
export async function setOutdatedTags({ site, outdatedTags }: DeploymentPlan): Promise<void> {
  if (!outdatedTags) return;
  const arns = outdatedTags.resources.map(({ arn }) => arn);
  await aws.setTags(site, arns, outdatedTags.wanted);
}
