/** How an application's newest run is: its status while it runs and after it has ended, also when there was never one. */
import {
  WorkflowFailedError,
  type Client,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { deploymentIdOf } from '../contract/ids';
import type { DeploymentOutcome, DeploymentStatus, Outcome } from '../contract/status';
import { Refused } from './errors';
import { describeGates } from './known/gates';
import { endedByPeople, formatFailure, undoneByTerminating } from './failures';
import { ask } from './questions';
import { askRun, describeRun, resultOf } from './retries';
import type { StartedDeployment } from './run-control';
import type { Target } from './target';

/** How a deployment ended. */
export type Ending =
  | { readonly result: DeploymentOutcome }
  /** It failed, was cancelled or terminated: there is no result. Default of `outcome`: it failed. */
  | { readonly failure: string; readonly outcome?: Outcome };

/** Also when nothing runs, and when nothing ever ran. */
export async function describeStatus(client: Client, target: Target): Promise<DeploymentStatus> {
  const workflowId = deploymentIdOf(target);
  const handle = client.workflow.getHandle(workflowId);
  const description = await describeRun(handle);
  if (!description) return { ...neverDeployed(workflowId), live: await ask(client, { kind: 'live', ...target }) };
  const last = await describeRunStatus(handle);
  if (description.status.name === 'RUNNING') return await withGates(client, last, description);
  // A worker no longer knows an application that only the platform knew, and that went back to the Platform Server.
  const live = await ask(client, { kind: 'live', ...target }).catch((error: unknown) => {
    if (error instanceof Refused) return last.live;
    throw error;
  });
  return { ...last, ...afterItsEnd(description.status.name, last), live };
}

/** Of this run, also after its end. */
export const describeRunStatus = async (handle: WorkflowHandle): Promise<DeploymentStatus> =>
  (await askRun(handle)) ?? (await statusFromResult(handle));

/** While they are judged, the run itself doesn't know how its gates stand: that is in what is judged. */
async function withGates(
  client: Client,
  status: DeploymentStatus,
  description: WorkflowExecutionDescription,
): Promise<DeploymentStatus> {
  if (status.gates === undefined) return status;
  const gates = await describeGates(client, description);
  return gates === undefined ? status : { ...status, gates };
}

/** The run that runs now, else the last one; `undefined` when there was never one. */
export async function describeNewest(client: Client, target: Target): Promise<StartedDeployment | undefined> {
  const workflowId = deploymentIdOf(target);
  const description = await describeRun(client.workflow.getHandle(workflowId));
  return description && { workflowId, runId: description.runId };
}

/** Waits until the run has ended. */
export async function waitForEnding(handle: WorkflowHandle): Promise<Ending> {
  try {
    return { result: (await resultOf(handle)) as DeploymentOutcome };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return endedByPeople(error.cause) ?? { failure: formatFailure(error) };
  }
}

/** Today's runbooks can't replay a run of an earlier version, and so can't answer for it: its result says how it ended. */
async function statusFromResult(handle: WorkflowHandle): Promise<DeploymentStatus> {
  const ending = await waitForEnding(handle);
  const nothing = neverDeployed(handle.workflowId);
  if ('failure' in ending)
    return { ...nothing, phase: 'plan', outcome: ending.outcome ?? 'failed', failure: ending.failure };
  const { strategy, image, outcome, live, failure, dossier } = ending.result;
  return { ...nothing, phase: 'cleanUp', strategy, image, outcome, live, failure, dossier };
}

const outcomes: Readonly<Record<string, Outcome>> = {
  TERMINATED: 'terminated',
  TIMED_OUT: 'terminated',
  FAILED: 'failed',
};

/** What a run that is over can't know itself: that it was terminated, and that it waits for nothing any more. */
function afterItsEnd(closed: string, { outcome, failure }: DeploymentStatus): Partial<DeploymentStatus> {
  return {
    waitingFor: null,
    deadline: null,
    afterDeadline: null,
    commands: [],
    outcome: outcomes[closed] ?? outcome,
    failure: failure ?? (closed === 'TERMINATED' ? `${undoneByTerminating}.` : null),
  };
}

const neverDeployed = (workflowId: string): DeploymentStatus => ({
  workflowId,
  strategy: null,
  way: null,
  image: null,
  phase: null,
  heldIn: null,
  outcome: null,
  live: null,
  waitingFor: null,
  deadline: null,
  afterDeadline: null,
  commands: [],
  paused: false,
  greenPercent: null,
  desired: null,
  replicas: null,
  failure: null,
  dossier: null,
  steps: [],
  ignored: [],
});
