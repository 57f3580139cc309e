/**
 * What operators watch: deployments by how they ended, how long phases take, what holds, and what became of the platform's
 * calls. Nothing is counted twice by a replay.
 */
import { metricMeter, workflowInfo } from '@temporalio/workflow';
import { parseDeploymentId } from '../../contract/ids';
import type { Outcome, Phase, Runbook } from '../../contract/status';
import type { HookMethod, HookCallOutcome, HookCallRequest } from '../../contract/hook-calls';
import type { RunbookState } from './state';

/** Of whom: by zone and application, as the workflow ID names them. */
const labels = (strategy: Runbook) => ({ ...parseDeploymentId(workflowInfo().workflowId), strategy });

export const countDeployment = ({ strategy }: RunbookState, outcome: Outcome): void =>
  metricMeter
    .createCounter('cutover_deployments', 'deployment', 'Deployments that ended.')
    .add(1, { ...labels(strategy), outcome });

/** @param failure its type, e.g. `GreenUnhealthy` */
export const countHold = ({ strategy }: RunbookState, phase: Phase, failure: string): void =>
  metricMeter
    .createCounter('cutover_holds', 'hold', 'Steps that failed and wait for somebody.')
    .add(1, { ...labels(strategy), phase, failure });

/** Once a phase has ended. */
export function measurePhase({ strategy }: RunbookState, phase: Phase, durationMs: number): void {
  const { zone } = labels(strategy);
  metricMeter
    .createHistogram('cutover_phase_duration', 'float', 'seconds', 'How long a phase took.')
    .record(durationMs / 1000, { zone, strategy, phase });
}

type Asked = Pick<HookCallRequest, 'zone' | 'applicationName'>;

/** Once the platform was answered, or nobody reads an answer any more: how long that was after its call. */
export function countHookCall(
  method: HookMethod,
  { zone, applicationName: application }: Asked,
  outcome: HookCallOutcome['answered'],
  durationMs: number,
): void {
  metricMeter
    .createCounter('cutover_operations', 'operation', "The platform's calls, by how they were answered.")
    .add(1, { zone, application, method, outcome });
  metricMeter
    .createHistogram(
      'cutover_operation_duration',
      'float',
      'seconds',
      "How long after the platform's call its answer came.",
    )
    .record(durationMs / 1000, { zone, method });
}

/** Once it has its turn, or has none. */
export const measureTurn = (method: HookMethod, { zone }: Asked, waitedMs: number): void =>
  metricMeter
    .createHistogram(
      'cutover_operation_wait',
      'float',
      'seconds',
      "How long the platform's calls waited for their turn.",
    )
    .record(waitedMs / 1000, { zone, method });
