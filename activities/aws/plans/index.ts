/** The activities that plan: each reads the settings and AWS, lets the planner decide, and writes nothing. */
import { Context } from '@temporalio/activity';
import type {
  DeploymentRequest,
  PlatformApplication,
  RetirementRequest,
  RunbookRequest,
} from '../../../contract/runbook-requests';
import type { DeploymentPlan } from '../../../planning/plans/deployment';
import type { RollingUpdatePlan } from '../../../planning/plans/rolling-update';
import type { PublishedConfiguration } from '../../files/configuration';
import { findApplication } from './applications';
import { planUpdateConfiguration } from './configuration-update';
import { planBlueGreenDeployment, planRollingDeployment } from './deployment';
import { planRemoval } from './removal';
import { planRetirement } from './retirement';
import type { PlanDependencies } from './runbook-plan';
import { planUndo } from './undo';

/**
 * Each of them throws an {@link ApplicationFailure} of type `InvalidRequest` when something stands in the way, with a sentence
 * that says what.
 */
export const planActivities = (dependencies: PlanDependencies) => ({
  /** Whether replicas in the workflow's zone mount a configuration, so that a worker with its folders is needed. */
  async mountsConfigurations(given?: PlatformApplication): Promise<boolean> {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    return (await findApplication(dependencies, workflowId, given)).zone.configuration !== undefined;
  },

  planBlueGreen: (request: DeploymentRequest, published: PublishedConfiguration | null): Promise<DeploymentPlan> =>
    planBlueGreenDeployment(dependencies, request, published),

  planRollingUpdate: (
    request: DeploymentRequest,
    published: PublishedConfiguration | null,
  ): Promise<RollingUpdatePlan> => planRollingDeployment(dependencies, request, published),

  planUpdateConfiguration: (request: RunbookRequest, published: PublishedConfiguration | null) =>
    planUpdateConfiguration(dependencies, request, published),

  planUndo: (request: RunbookRequest) => planUndo(dependencies, request),

  planRetirement: (request: RetirementRequest) => planRetirement(dependencies, request),

  planRemoval: (request: RunbookRequest) => planRemoval(dependencies, request),
});
