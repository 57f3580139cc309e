/** Which workers a workflow belongs to, where these have versions. */
import { setWorkflowOptions, workflowInfo } from '@temporalio/workflow';

/**
 * This workflow's runs are bound to no version of the workers: a question is asked of whoever is there, and what may wait for weeks
 * goes on with those of then. From a worker that has no version the server takes no word about versions at all.
 */
export const bindToNoVersion = (workflow: (input?: unknown) => Promise<unknown>): void =>
  setWorkflowOptions(
    () => (workflowInfo().currentDeploymentVersion?.deploymentName ? { versioningBehavior: 'AUTO_UPGRADE' } : {}),
    workflow,
  );
