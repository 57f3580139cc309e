/**
 * How programs drive deployments: the typed client that the command line is made of. It talks to Temporal only; what is live
 * is asked of a worker, which asks AWS.
 */
import {
  ApplicationFailure,
  Client,
  QueryNotRegisteredError,
  WorkflowExecutionAlreadyStartedError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  type ConnectionOptions,
  type WorkflowHandle,
} from '@temporalio/client';
import { deploymentIdOf, taskQueues, workflowTaskTimeout } from '../contract/ids';
import type { CommandInput, CommandName } from '../contract/commands';
import type { DeploymentOutcome, DeploymentStatus, Outcome, Runbook } from '../contract/status';
import type { DeploymentRequestInput, RunbookRequestInput } from '../contract/runbook-requests';
import type { Topology } from '../planning/topology';
import type { DescribeKind, Descriptions } from '../contract/questions';
import { askRun, describeRun, repeated, resultOf, workerTimeoutMs } from './retries';
import { ask, watchTopology, type Question } from './questions';
import { endedByPeople, Refused, sentence, undone, type Target } from './errors';
import { connectToTemporal } from '../temporal/connection';
import { createDataConverter } from '../temporal/data-converter';
import { startTracing } from '../temporal/tracing';

export { Refused, type Target };

export interface StartedDeployment {
  readonly workflowId: string;
  readonly runId: string;
}

/** The input of any runbook; only those that deploy an image name one. */
export type RunbookInput = DeploymentRequestInput | (RunbookRequestInput & { readonly image?: undefined });

/** How a deployment ended. */
export type Ending =
  | { readonly result: DeploymentOutcome }
  /** It failed, was cancelled or terminated: there is no result. Default of `outcome`: it failed. */
  | { readonly failure: string; readonly outcome?: Outcome };

export interface Deployments {
  /** @throws {Refused} when one of the application runs already */
  readonly start: (target: Target, strategy: Runbook, request: RunbookInput) => Promise<StartedDeployment>;
  /** @throws {Refused} with the runbook's own sentence when it doesn't fit now */
  readonly command: (target: Target, name: CommandName, input: CommandInput) => Promise<void>;
  /** Also when nothing runs, and when nothing ever ran. */
  readonly status: (target: Target) => Promise<DeploymentStatus>;
  /** The status of the deployment that runs now; `undefined` when none does. */
  readonly running: (target: Target) => Promise<DeploymentStatus | undefined>;
  /** The run that runs now, else the last one. */
  readonly newest: (target: Target) => Promise<StartedDeployment | undefined>;
  /** Asks a worker. @throws {Refused} with its sentence */
  readonly ask: <Kind extends DescribeKind>(question: Question<Kind>) => Promise<Descriptions[Kind]>;
  /** Tells what the application is made of whenever that changes, until the signal ends it. */
  readonly watch: (target: Target, tell: (topology: Topology) => void, signal: AbortSignal) => Promise<void>;
  /** Waits until this run has ended; a run rolled back because it was cancelled ends as a failure. */
  readonly ended: (deployment: StartedDeployment) => Promise<Ending>;
  /** The events in this run's history. */
  readonly historyEvents: (deployment: StartedDeployment) => Promise<number>;
  readonly close: () => Promise<void>;
}

export interface DeploymentsOptions {
  readonly connectionOptions: ConnectionOptions;
  readonly namespace: string;
}

/** @throws {Refused} when Temporal can't be reached */
export async function connectDeployments({ connectionOptions, namespace }: DeploymentsOptions): Promise<Deployments> {
  const { connection, close } = await connectToTemporal({ connectTimeout: '5s', ...connectionOptions }).catch(
    (error: Error) => {
      throw new Refused(error.message);
    },
  );
  const tracing = await startTracing('client');
  const client = new Client({
    connection,
    namespace,
    dataConverter: createDataConverter(),
    interceptors: { workflow: [...tracing.client] },
  });
  return deploymentsOf(client, async () => {
    await close();
    await tracing.close();
  });
}

/** @param close ends what belongs to the client, such as its connection */
export function deploymentsOf(client: Client, close: () => Promise<void>): Deployments {
  const handleOf = ({ workflowId, runId }: { workflowId: string; runId?: string }) =>
    client.workflow.getHandle(workflowId, runId);
  return {
    start: (target, strategy, request) => start(client, target, strategy, request),
    command: (target, name, input) => send(handleOf({ workflowId: deploymentIdOf(target) }), name, input),
    status: (target) => status(client, target),
    running: (target) => running(client, target),
    newest: (target) => newest(client, target),
    ask: (question) => ask(client, question),
    watch: (target, tell, signal) => watchTopology(client, target, tell, signal),
    ended: (deployment) => ended(handleOf(deployment)),
    historyEvents: async (deployment) => (await handleOf(deployment).describe()).historyLength,
    close,
  };
}

async function start(
  client: Client,
  target: Target,
  strategy: Runbook,
  request: RunbookInput,
): Promise<StartedDeployment> {
  const workflowId = deploymentIdOf(target);
  try {
    const handle = await client.workflow.start(strategy, {
      workflowId,
      taskQueue: taskQueues.workflows,
      workflowTaskTimeout,
      args: [request],
      staticSummary: summaryOf(target, strategy, request).slice(0, 200),
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    throw new Refused(
      `A deployment of ${target.application} runs already: see "cutover status ${workflowId}", wait for it or roll it back.`,
    );
  }
}

function summaryOf({ application }: Target, strategy: Runbook, { image }: RunbookInput): string {
  const how = strategy === 'rollingUpdate' ? ', replica by replica' : '';
  return image === undefined ? `${application}: ${errands[strategy] ?? strategy}` : `${application} to ${image}${how}`;
}

/** What a runbook without an image is started for. */
const errands: Partial<Record<Runbook, string>> = {
  undo: 'back to the release before',
  updateConfiguration: 'its configuration as it is now',
  removeApplication: 'out of its containers',
};

async function send(handle: WorkflowHandle, name: CommandName, input: CommandInput): Promise<void> {
  const command = () => handle.executeUpdate<string, [CommandInput]>(name, { args: [input] });
  try {
    await repeated(workerTimeoutMs, isUnprocessed, command);
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError) throw new Refused(error.cause?.message ?? error.message);
    if (error instanceof WorkflowNotFoundError) throw new Refused(nothingRuns(handle.workflowId, name));
    throw error;
  }
}

/**
 * No runbook has seen the command: the worker that took it died. The server's own failure:
 * https://github.com/temporalio/temporal/blob/main/service/history/workflow/update/errors_failures.go
 */
const isUnprocessed = (error: unknown): boolean =>
  error instanceof WorkflowUpdateFailedError &&
  error.cause instanceof ApplicationFailure &&
  error.cause.type === 'UnprocessedUpdate';

const nothingRuns = (workflowId: string, name: CommandName) =>
  name === 'rollback'
    ? `No deployment of ${workflowId} runs now: "cutover undo ${workflowId}" brings the release before.`
    : `No deployment of ${workflowId} runs now: "cutover status ${workflowId}" says what is live.`;

async function status(client: Client, target: Target): Promise<DeploymentStatus> {
  const workflowId = deploymentIdOf(target);
  const handle = client.workflow.getHandle(workflowId);
  const description = await describeRun(handle);
  if (!description) return { ...neverDeployed(workflowId), live: await ask(client, { kind: 'live', ...target }) };
  if (description.status.name === 'RUNNING') return await askRun(handle);
  const told = await askRun(handle).catch((error: unknown) => {
    if (error instanceof QueryNotRegisteredError) return keptOf(handle);
    throw error;
  });
  // An application that only the platform knew, and that went back to the Platform Server, is known to nobody else any more.
  const live = await ask(client, { kind: 'live', ...target }).catch((error: unknown) => {
    if (error instanceof Refused) return told.live;
    throw error;
  });
  return { ...told, ...closing(description.status.name, told), live };
}

async function running(client: Client, target: Target): Promise<DeploymentStatus | undefined> {
  const handle = client.workflow.getHandle(deploymentIdOf(target));
  return (await describeRun(handle))?.status.name === 'RUNNING' ? await askRun(handle) : undefined;
}

async function newest(client: Client, target: Target): Promise<StartedDeployment | undefined> {
  const workflowId = deploymentIdOf(target);
  const description = await describeRun(client.workflow.getHandle(workflowId));
  return description && { workflowId, runId: description.runId };
}

/** Of a run that the runbooks of today can't replay, because those of its day went another way: what it left as its result. */
async function keptOf(handle: WorkflowHandle): Promise<DeploymentStatus> {
  const ending = await ended(handle);
  const nothing = neverDeployed(handle.workflowId);
  if ('failure' in ending)
    return { ...nothing, phase: 'plan', outcome: ending.outcome ?? 'failed', failure: ending.failure };
  const { strategy, image, outcome, live, failure, dossier } = ending.result;
  return { ...nothing, phase: 'cleanUp', strategy, image, outcome, live, failure, dossier };
}

/** What a run that is over can't tell by itself: that it was terminated. */
function closing(closed: string, { outcome, failure }: DeploymentStatus): Partial<DeploymentStatus> {
  const quiet = { waitingFor: null, deadline: null, afterDeadline: null, commands: [] };
  const ends: Readonly<Record<string, Outcome>> = {
    TERMINATED: 'terminated',
    TIMED_OUT: 'terminated',
    FAILED: 'failed',
  };
  const why = failure ?? (closed === 'TERMINATED' ? `${undone}.` : null);
  return { ...quiet, outcome: ends[closed] ?? outcome, failure: why };
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

async function ended(handle: WorkflowHandle): Promise<Ending> {
  try {
    return { result: (await resultOf(handle)) as DeploymentOutcome };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return endedByPeople(error.cause) ?? { failure: sentence(error) };
  }
}
