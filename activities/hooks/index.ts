/** The activities of the platform's calls that need AWS or Temporal, and no folder. */
import { Context } from '@temporalio/activity';
import type { HookDeploymentPlan } from '../../planning/plans/hook-deployment';
import type { PlatformClock } from '../../planning/platform-clock';
import type { Entrant, TurnAnswer, TurnTaken, WorkflowRun } from '../../contract/turns';
import {
  hookMethods,
  parseHookCallRequest,
  type BuiltRelease,
  type HookMethod,
  type HookCallRequest,
} from '../../contract/hook-calls';
import { invalid } from '../aws/plans/applications';
import type { PlanDependencies } from '../aws/plans/runbook-plan';
import type { BuiltImage } from '../builders/index';
import { heartbeating } from '../polling';
import { describeBuilt, prepareRelease } from './built-release';
import { planDeployment } from './deployment-plan';
import { enterTurns, waitForTurn, type EarlierTurn, type HookCallDirectory } from './turn';

export interface HookDependencies extends PlanDependencies {
  readonly calls: HookCallDirectory;
}

export type HookActivities = ReturnType<typeof hookActivities>;

export function hookActivities(dependencies: HookDependencies) {
  const { calls } = dependencies;
  return {
    planOperation: (
      method: HookMethod,
      request: HookCallRequest,
      clock: PlatformClock | null,
    ): Promise<HookDeploymentPlan> =>
      heartbeating(() => planDeployment(dependencies, checkedMethod(method), checkedCall(request), clock)),

    prepareRelease: (request: HookCallRequest, built: BuiltImage): Promise<BuiltRelease> => {
      const { runId = '' } = Context.current().info.workflowExecution ?? {};
      return heartbeating(() => prepareRelease(dependencies, checkedCall(request), built, runId));
    },

    /** What Container Build of the same operation made. */
    describeBuilt: async (request: HookCallRequest): Promise<BuiltRelease> =>
      await describeBuilt(calls, checkedCall(request)),

    /** Asks for a call's turn, and answers how it stands. Asked again, it has the same place. */
    enterTurns: (zone: string, entrant: Entrant): Promise<TurnAnswer> => enterTurns(calls, zone, entrant),

    /** Asks a deployment itself whether it goes back no more: anybody who reaches Temporal can send a report. */
    isForward: (run: WorkflowRun): Promise<boolean> => calls.isForward(run),

    /** Those of these runs that have ended, each as it is and not as a list has it. */
    describeEnded: async (runs: readonly WorkflowRun[]): Promise<readonly WorkflowRun[]> => {
      const isRunning = await Promise.all(runs.map((run) => calls.isRunning(run)));
      return runs.filter((_, index) => !isRunning[index]);
    },

    /** For calls that began before their wait was the workflow's own. */
    waitForTurn: (turn: EarlierTurn): Promise<TurnTaken> => waitForTurn(calls, turn),
  };
}

/** Whoever starts an activity may say anything: a call is read again where it is used. */
function checkedCall(request: HookCallRequest): HookCallRequest {
  const parsed = parseHookCallRequest(request);
  if ('error' in parsed) throw invalid(parsed.error);
  return parsed.value;
}

function checkedMethod(method: HookMethod): HookMethod {
  if (Object.hasOwn(hookMethods, method)) return method;
  throw invalid(`${JSON.stringify(method)} is no hook of the platform's.`);
}
