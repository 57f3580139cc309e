/** What Temporal knows about hook calls and the deployments that they wait for. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HookCallDirectory } from '../activities/hooks/turn';
import { searchAttributes } from '../contract/ids';
import { hookMethods, supersedeSignal } from '../contract/hook-calls';

const deploying = [hookMethods.ContainerRun, hookMethods.UpdateConfigurations, hookMethods.ContainerRemove];
const types = deploying.map(({ workflow }) => `"${workflow}"`).join(', ');

export function hookCallDirectory({ workflow }: Client): HookCallDirectory {
  return {
    running: async (zone) => {
      const found = [];
      const query = `WorkflowType IN (${types}) AND ExecutionStatus = "Running"`;
      for await (const { workflowId, startTime, memo, typedSearchAttributes } of workflow.list({ query })) {
        const of = typedSearchAttributes.get(searchAttributes.zone) ?? memo?.['zone'];
        if (of === zone) found.push({ workflowId, startedAt: startTime.getTime() });
      }
      return found;
    },

    deployment: async (workflowId) => {
      const description = await workflow.getHandle(workflowId).describe().catch(undefinedWhenMissing);
      return description?.status.name === 'RUNNING' ? { runId: description.runId } : undefined;
    },

    supersede: async (workflowId, runId, by) => {
      await workflow.getHandle(workflowId, runId).signal(supersedeSignal, { by }).catch(undefinedWhenMissing);
    },

    result: async (workflowId) => {
      const handle = workflow.getHandle(workflowId);
      const description = await handle.describe().catch(undefinedWhenMissing);
      return description?.status.name === 'COMPLETED' ? await handle.result() : undefined;
    },
  };
}

/** A workflow that isn't there ended meanwhile, or never was. */
function undefinedWhenMissing(error: unknown): undefined {
  if (error instanceof WorkflowNotFoundError) return undefined;
  throw error;
}
