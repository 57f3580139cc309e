/**
 * What operators watch: deployments by how they ended, how long phases take, what holds, and what became of the platform's
 * calls. Nothing is counted twice by a replay.
 */
import { metricMeter, workflowInfo } from '@temporalio/workflow';
import { parseDeploymentId } from '../../contract/ids';
import type { Outcome, Phase } from '../../contract/status';
import type { HookMethod, HookCallOutcome, HookCallRequest } from '../../contract/hook-calls';
import type { RunbookState } from './state';

/**
 * Every metric of a runbook has its zone and application, as the workflow ID names them, once it has a plan: what nobody knows is
 * `unknown`, for whoever starts workflows or calls hooks with made-up names must not make a series each.
 */
const labels = ({ strategy, steps }: RunbookState) => ({
  ...(steps.some(({ done }) => done) ? parseDeploymentId(workflowInfo().workflowId) : nobody),
  strategy,
});

const nobody = { zone: 'unknown', application: 'unknown' } as const;

export const countDeployment = (state: RunbookState, outcome: Outcome): void =>
  metricMeter
    .createCounter('cutover_deployments', 'deployment', 'Deployments that ended.')
    .add(1, { ...labels(state), outcome });

/** @param failure its type, e.g. `GreenUnhealthy` */
export const countHold = (state: RunbookState, phase: Phase, failure: string): void =>
  metricMeter
    .createCounter('cutover_holds', 'hold', 'Steps that failed and wait for somebody.')
    .add(1, { ...labels(state), phase, failure });

/** Is called once a phase has ended. */
export function measurePhase(state: RunbookState, phase: Phase, durationMs: number): void {
  const { zone, strategy } = labels(state);
  metricMeter
    .createHistogram('cutover_phase_duration', 'float', 'seconds', 'How long a phase took.')
    .record(durationMs / 1000, { zone, strategy, phase });
}

type Application = Pick<HookCallRequest, 'zone' | 'applicationName'>;

/**
 * Is called once the platform was answered, or nobody reads an answer any more.
 * @param isKnown whether cutover has ever made something of the application
 * @param durationMs since the platform's call
 */
export function countHookCall(
  method: HookMethod,
  { zone, applicationName, isKnown }: Application & { readonly isKnown: boolean },
  outcome: HookCallOutcome['answered'],
  durationMs: number,
): void {
  const application = isKnown ? applicationName : nobody.application;
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

/** Is called once a hook call has its turn, or will have none. */
export const measureTurn = (method: HookMethod, { zone }: Application, waitedMs: number): void =>
  metricMeter
    .createHistogram(
      'cutover_operation_wait',
      'float',
      'seconds',
      "How long the platform's calls waited for their turn.",
    )
    .record(waitedMs / 1000, { zone, method });
