/** What the queue of a zone has to say to others, and whether it has arrived: whom nothing reaches any more has ended. */
import { getExternalWorkflowHandle, workflowInfo } from '@temporalio/workflow';
import { supersedeSignal } from '../../contract/hook-calls';
import {
  awaitedSignal,
  turnSignal,
  type RunningDeployment,
  type TurnTaken,
  type WorkflowRun,
} from '../../contract/turns';

export interface Outbox {
  /** Tells a call that it has its turn, or never will. */
  readonly tell: (call: WorkflowRun, turn: TurnTaken) => void;
  /** Asks a deployment, once, to say when it ends. @param by the call that it should give way to; `null` for none */
  readonly ask: (deployment: RunningDeployment, by: string | null) => void;
  /** Whether everything has arrived: what is under way is lost when the workflow ends. */
  readonly isEmpty: () => boolean;
}

/** @param ended is called for a run that nothing reaches any more */
export function createOutbox(ended: (run: WorkflowRun) => void): Outbox {
  const asked = new Set<string>();
  let underWay = 0;
  function send({ workflowId, runId }: WorkflowRun, signal: typeof turnSignal, input: object): void {
    underWay += 1;
    void getExternalWorkflowHandle(workflowId, runId)
      .signal(signal, input)
      .catch(() => ended({ workflowId, runId }))
      .finally(() => (underWay -= 1));
  }
  function sendOnce(to: WorkflowRun, signal: typeof turnSignal, input: object): void {
    const key = `${signal.name} ${to.runId}`;
    if (asked.has(key)) return;
    asked.add(key);
    send(to, signal, input);
  }
  return {
    tell: (call, turn) => send(call, turnSignal, turn),
    ask: ({ lock, runId }, by) => {
      const deployment = { workflowId: lock, runId };
      sendOnce(deployment, awaitedSignal, { by: workflowInfo().workflowId });
      if (by !== null) sendOnce(deployment, supersedeSignal, { by });
    },
    isEmpty: () => underWay === 0,
  };
}
