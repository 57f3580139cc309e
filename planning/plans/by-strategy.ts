/** A deployment by whichever of the two strategies its options name. */
import { planBlueGreen, type DeploymentPlan } from './deployment';
import type { PlanRequest } from './plan-request';
import { planRollingUpdate, type RollingUpdatePlan } from './rolling-update';
import type { Observed } from '../observed/observed';

export type PlannedDeployment =
  | { readonly strategy: 'blueGreen'; readonly plan: DeploymentPlan }
  | { readonly strategy: 'rollingUpdate'; readonly plan: RollingUpdatePlan };

/** @throws {Refusal} when something stands in the way; nothing has been touched then */
export const planByStrategy = (request: PlanRequest, observed: Observed): PlannedDeployment =>
  request.options.strategy === 'rollingUpdate'
    ? { strategy: 'rollingUpdate', plan: planRollingUpdate(request, observed) }
    : { strategy: 'blueGreen', plan: planBlueGreen(request, observed) };
