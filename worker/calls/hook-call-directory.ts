/** What Temporal knows about hook calls, and the deployments that they wait for. Nothing of it is taken from a list. */
import { WithStartWorkflowOperation, WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HookCallDirectory } from '../../activities/hooks/turn';
import { taskQueues, workflowTaskTimeout } from '../../contract/ids';
import { statusQuery } from '../../contract/status';
import { enterUpdate, turnsIdOf } from '../../contract/turns';

export function hookCallDirectory({ workflow }: Client): HookCallDirectory {
  const describe = async (workflowId: string, runId?: string) =>
    await workflow.getHandle(workflowId, runId).describe().catch(undefinedWhenMissing);
  return {
    enter: async (zone, entering) =>
      await workflow.executeUpdateWithStart(enterUpdate, {
        args: [entering],
        startWorkflowOperation: new WithStartWorkflowOperation('turns', {
          workflowId: turnsIdOf(zone),
          taskQueue: taskQueues.workflows,
          workflowTaskTimeout,
          workflowIdConflictPolicy: 'USE_EXISTING',
          staticSummary: `Whose turn it is in ${zone}`,
        }),
      }),

    deployment: async (workflowId) => {
      const description = await describe(workflowId);
      return description?.status.name === 'RUNNING' ? { runId: description.runId } : undefined;
    },

    isRunning: async ({ workflowId, runId }) => (await describe(workflowId, runId))?.status.name === 'RUNNING',

    isForward: async ({ workflowId, runId }) =>
      (await workflow.getHandle(workflowId, runId).query(statusQuery)).forward === true,

    ended: async (workflowId) => {
      const run = await describe(workflowId);
      if (run?.status.name === 'RUNNING') return undefined;
      if (run?.status.name !== 'COMPLETED') return {};
      return { result: await workflow.getHandle(workflowId, run.runId).result() };
    },
  };
}

/** A workflow that isn't there ended meanwhile, or never was. */
function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
