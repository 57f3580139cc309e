/** The activities that plan: each reads the settings and AWS, lets the planner decide, and writes nothing. */
import { Context } from '@temporalio/activity';
import type {
  DeploymentRequest,
  PlatformApplication,
  RetirementRequest,
  RunbookRequest,
} from '../../../contract/runbook-requests';
import { planBlueGreen, type DeploymentPlan } from '../../../planning/plans/deployment';
import { planRollingUpdate, type RollingUpdatePlan } from '../../../planning/plans/rolling-update';
import type { PublishedConfiguration } from '../../files/configuration';
import { findApplication } from './applications';
import { planUpdateConfiguration } from './configuration-update';
import { planDeployment, type PlanDependencies } from './observe';
import { planRemoval } from './removal';
import { planRetirement } from './retirement';
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
    planDeployment(dependencies, request, published, 'blueGreen', planBlueGreen),

  planRollingUpdate: (
    request: DeploymentRequest,
    published: PublishedConfiguration | null,
  ): Promise<RollingUpdatePlan> => planDeployment(dependencies, request, published, 'rollingUpdate', planRollingUpdate),

  planUpdateConfiguration: (request: RunbookRequest, published: PublishedConfiguration | null) =>
    planUpdateConfiguration(dependencies, request, published),

  planUndo: (request: RunbookRequest) => planUndo(dependencies, request),

  planRetirement: (request: RetirementRequest) => planRetirement(dependencies, request),

  planRemoval: (request: RunbookRequest) => planRemoval(dependencies, request),
});
