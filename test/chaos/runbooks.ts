/**
 * The runbooks that chaos knows: how each of their phases comes about, and lasts long enough to be hit. Another runbook is one
 * entry more.
 */
import {
  phases,
  type CommandName,
  type DeploymentRequestInput,
  type DeploymentStatus,
  type Phase,
} from '../../workflows/messages';

export type Fault = Readonly<Record<string, unknown>>;

export interface ChaosRunbook {
  readonly strategy: 'blueGreen' | 'rollingUpdate';
  /** Every phase that it has. */
  readonly phases: readonly Phase[];
  /** What the local AWS does so that a deployment comes into this phase, and stays there for a moment. */
  readonly faults: (phase: Phase) => readonly Fault[];
}

const late = (operation: string): Fault => ({ kind: 'latency', operation, latencyMs: 1_500 });

/** One call at least of each of these phases is slow; the others last by themselves. */
const slowCalls: Partial<Readonly<Record<Phase, string>>> = {
  plan: 'elasticloadbalancing:DescribeListeners',
  prepare: 'ecs:RegisterTaskDefinition',
  verify: 'elasticloadbalancing:DescribeTargetHealth',
  shift: 'elasticloadbalancing:ModifyRule',
  retire: 'ecs:UpdateService',
  cleanUp: 'elasticloadbalancing:DeleteRule',
  rollBack: 'ecs:UpdateService',
};

const faults = (phase: Phase): Fault[] => {
  if (phase === 'hold') return [{ kind: 'accessDenied', operation: 'ecs:RegisterTaskDefinition', times: 1 }];
  const operation = slowCalls[phase];
  return operation === undefined ? [] : [late(operation)];
};

export const runbooks: readonly ChaosRunbook[] = [
  { strategy: 'blueGreen', phases, faults },
  {
    strategy: 'rollingUpdate',
    // Its service stays: nothing is retired, and the roll itself is what lasts.
    phases: phases.filter((phase) => phase !== 'retire'),
    faults: (phase) => (phase === 'shift' ? [] : faults(phase)),
  },
];

/** Long enough for a person to turn back in, where that is what is wanted. */
export const inputFor = (phase: Phase): Partial<DeploymentRequestInput> => ({
  approval: 'afterVerify',
  bake: phase === 'rollBack' ? '1m' : '2s',
});

/** What a person answers, so that the deployment comes into the phase and to its end. */
export function answerTo({ phase, waitingFor }: DeploymentStatus, wanted: Phase): CommandName | undefined {
  if (phase === 'bake' && wanted === 'rollBack') return 'rollback';
  if (waitingFor === null) return undefined;
  if (phase === 'approve') return 'approve';
  return phase === 'hold' ? 'retry' : undefined;
}

export const endingAfter = (phase: Phase) => (phase === 'rollBack' ? 'rolledBack' : 'completed');
