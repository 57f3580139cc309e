/** The activities of hook operations that need AWS or Temporal, and no folder. */
import { Context } from '@temporalio/activity';
import type { PlatformClock } from '../../planning/plans/platform-clock';
import { operationIdOf, type BuiltRelease, type HookMethod, type OperationRequest } from '../../contract/hook-calls';
import type { PlanDependencies } from '../aws/plans/observe';
import type { BuiltImage } from '../builders/index';
import { heartbeating, poll } from '../polling';
import { builtRelease, planOperation, prepareRelease, type OperationPlan } from './plan';
import { describeOperation, standingOf, type OperationDirectory, type Turn, type TurnTaken } from './turns';

export interface OperationDependencies extends PlanDependencies {
  readonly operations: OperationDirectory;
}

export type OperationActivities = ReturnType<typeof operationActivities>;

const lookEveryMs = 500;
/** One that was started this moment may not be listed yet: only who stands first twice goes. */
const looksNeeded = 2;

export function operationActivities(dependencies: OperationDependencies) {
  const { operations } = dependencies;
  return {
    planOperation: (
      method: HookMethod,
      request: OperationRequest,
      clock: PlatformClock | null,
    ): Promise<OperationPlan> => heartbeating(() => planOperation(dependencies, method, request, clock)),

    prepareRelease: (request: OperationRequest, built: BuiltImage): Promise<BuiltRelease> => {
      const { runId = '' } = Context.current().info.workflowExecution ?? {};
      return heartbeating(() => prepareRelease(dependencies, request, built, runId));
    },

    /** What Container Build of this operation made. */
    describeBuilt: async (request: OperationRequest): Promise<BuiltRelease> =>
      builtRelease(await operations.result(operationIdOf('ContainerBuild', request)), request),

    /** Returns when the operation may start its deployment, or never will. */
    async waitForTurn(turn: Turn): Promise<TurnTaken> {
      const asked = new Set<string>();
      let looks = 0;
      return await poll(
        async (tell) => {
          const [running, deployment] = [await operations.running(turn.zone), await operations.deployment(turn.lock)];
          const standing = standingOf(turn, running, deployment !== undefined, Date.now());
          if (standing.turn === 'taken') return ++looks >= looksNeeded ? standing : undefined;
          looks = 0;
          if (standing.turn !== 'waits') return standing;
          tell(standing.why);
          if (standing.supersedes && deployment && !asked.has(deployment.runId)) {
            await operations.supersede(turn.lock, deployment.runId, describeOperation(turn.operation));
            asked.add(deployment.runId);
          }
          return undefined;
        },
        { everyMs: lookEveryMs },
      );
    },
  };
}
