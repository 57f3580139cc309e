/** What operators watch: deployments by how they ended, how long phases take, what holds. Nothing is counted twice by a replay. */
import { metricMeter, workflowInfo } from '@temporalio/workflow';
import { parseDeploymentId, type Outcome, type Phase, type Strategy } from './messages';
import type { RunbookState } from './state';

/** Of whom: by zone and application, as the workflow ID names them. */
const labels = (strategy: Strategy) => ({ ...parseDeploymentId(workflowInfo().workflowId), strategy });

export const countDeployment = ({ strategy }: RunbookState, outcome: Outcome): void =>
  metricMeter
    .createCounter('cutover_deployments', 'deployment', 'Deployments that ended.')
    .add(1, { ...labels(strategy), outcome });

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
