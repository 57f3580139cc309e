/** The activities of hook operations that need AWS or Temporal, and no folder. */
import { Context } from '@temporalio/activity';
import type { PlatformClock } from '../../planning/plans/platform-clock';
import { hookCallIdOf, type BuiltRelease, type HookMethod, type HookCallRequest } from '../../contract/hook-calls';
import type { PlanDependencies } from '../aws/plans/observe';
import type { BuiltImage } from '../builders/index';
import { heartbeating, poll } from '../polling';
import { builtRelease, planOperation, prepareRelease, type HookDeploymentPlan } from './plan';
import { formatCall, standingOf, type HookCallDirectory, type Turn, type TurnTaken } from './turns';

export interface HookDependencies extends PlanDependencies {
  readonly operations: HookCallDirectory;
}

export type HookActivities = ReturnType<typeof hookActivities>;

const lookEveryMs = 500;
/** One that was started this moment may not be listed yet: only who stands first twice goes. */
const looksNeeded = 2;

export function hookActivities(dependencies: HookDependencies) {
  const { operations } = dependencies;
  return {
    planOperation: (
      method: HookMethod,
      request: HookCallRequest,
      clock: PlatformClock | null,
    ): Promise<HookDeploymentPlan> => heartbeating(() => planOperation(dependencies, method, request, clock)),

    prepareRelease: (request: HookCallRequest, built: BuiltImage): Promise<BuiltRelease> => {
      const { runId = '' } = Context.current().info.workflowExecution ?? {};
      return heartbeating(() => prepareRelease(dependencies, request, built, runId));
    },

    /** What Container Build of this operation made. */
    describeBuilt: async (request: HookCallRequest): Promise<BuiltRelease> =>
      builtRelease(await operations.result(hookCallIdOf('ContainerBuild', request)), request),

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
            await operations.supersede(turn.lock, deployment.runId, formatCall(turn.operation));
            asked.add(deployment.runId);
          }
          return undefined;
        },
        { everyMs: lookEveryMs },
      );
    },
  };
}
