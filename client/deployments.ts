/**
 * How programs drive deployments: the typed client that the command line is made of. It talks to Temporal only; what is live
 * is asked of a worker, which asks AWS.
 */
import { Client, type ConnectionOptions, type DataConverter } from '@temporalio/client';
import type { TrailStatus } from '../contract/audit';
import type { SignedStatement } from '../contract/approvals';
import { wordsFault, type CommandInput, type CommandName } from '../contract/commands';
import type { OpenGlass } from '../contract/countersigning';
import type { DescribeKind, Descriptions } from '../contract/questions';
import type { DeploymentStatus, Runbook } from '../contract/status';
import type { Topology } from '../planning/topology';
import { connectToTemporal } from '../temporal/connection';
import { findStuck } from '../temporal/stuck';
import { startTracing } from '../temporal/tracing';
import { describeTrail } from './audit/trail';
import { countersign, openGlasses } from './approvals/glasses';
import { Refused } from './errors';
import { ask, watchTopology, type Question } from './questions';
import { sendCommand, startRun, type RunbookInput, type StartedDeployment } from './run-control';
import { describeKnown, type KnownDeployment } from './known/known';
import { describeListed, listRunning, type ListedDeployment } from './known/listed';
import { describeNewest, describeRunStatus, describeStatus, waitForEnding, type Ending } from './run-status';
import { stagingsOf, type Stagings } from './staging/stagings';
import type { Target } from './target';

export { Refused, type Ending, type RunbookInput, type StartedDeployment, type Target };

export interface Deployments {
  /** @throws {Refused} when a deployment of the application runs already */
  readonly start: (target: Target, runbook: Runbook, input: RunbookInput) => Promise<StartedDeployment>;
  /**
   * @param runId the run that it is for; default the one that is newest as it is sent. It never reaches a later one.
   * @returns that run. @throws {Refused} with the runbook's own sentence when the command doesn't fit now
   */
  readonly command: (
    target: Target,
    name: CommandName,
    input: CommandInput,
    runId?: string,
  ) => Promise<StartedDeployment>;
  /** What one person's word began in a zone, or for one application, and nobody has countersigned yet. */
  readonly glasses: (zone: string, application?: string) => Promise<OpenGlass[]>;
  /** What Temporal knows of a zone's audit trail; `undefined` where nothing was ever written. */
  readonly auditTrail: (zone: string) => Promise<TrailStatus | undefined>;
  /** @throws {Refused} with the sentence why it doesn't count */
  readonly countersign: (glass: OpenGlass, signed: SignedStatement) => Promise<void>;
  /** Also when nothing runs, and when nothing ever ran. */
  readonly status: (target: Target) => Promise<DeploymentStatus>;
  /** Of this run, also when another has begun since. */
  readonly statusOf: (deployment: StartedDeployment) => Promise<DeploymentStatus>;
  /** The deployment that runs now, as Temporal itself knows it; `undefined` when none does. */
  readonly running: (target: Target) => Promise<ListedDeployment | undefined>;
  /** All that run in a zone, as Temporal itself knows them a moment later, by one question. */
  readonly runningIn: (zone: string) => Promise<Omit<ListedDeployment, 'stuck'>[]>;
  /** The same with since when, and what its workers were last asked to do: for when none of them answers. */
  readonly known: (target: Target) => Promise<KnownDeployment | undefined>;
  /** What is stuck of these workflows, and of all that Temporal itself found out, a text each. */
  readonly stuck: (workflowIds: readonly string[]) => Promise<string[]>;
  /** The run that runs now, else the last one. */
  readonly newest: (target: Target) => Promise<StartedDeployment | undefined>;
  /** Asks a worker. @throws {Refused} with its sentence */
  readonly ask: <Kind extends DescribeKind>(question: Question<Kind>) => Promise<Descriptions[Kind]>;
  /** Calls `show` with what the application is made of whenever that changes, until the signal ends it. */
  readonly watch: (target: Target, show: (topology: Topology) => void, signal: AbortSignal) => Promise<void>;
  /** Waits until this run has ended; a run rolled back because it was cancelled ends as a failure. */
  readonly ended: (deployment: StartedDeployment) => Promise<Ending>;
  /** The number of events in this run's history. */
  readonly historyEvents: (deployment: StartedDeployment) => Promise<number>;
  /** Deployments of LifeTime's. */
  readonly stagings: Stagings;
  readonly close: () => Promise<void>;
}

export interface DeploymentsOptions {
  readonly connectionOptions: ConnectionOptions;
  readonly namespace: string;
  readonly dataConverter?: DataConverter;
}

/** @throws {Refused} when Temporal can't be reached */
export async function connectDeployments({
  connectionOptions,
  namespace,
  dataConverter = {},
}: DeploymentsOptions): Promise<Deployments> {
  const { connection, close } = await connectToTemporal({ connectTimeout: '5s', ...connectionOptions }).catch(
    (error: Error) => {
      throw new Refused(error.message);
    },
  );
  const tracing = await startTracing('client');
  const client = new Client({
    connection,
    namespace,
    dataConverter,
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
    start: async (target, runbook, input) => await startRun(client, target, runbook, plainly(input)),
    command: async (target, name, input, runId) =>
      await sendCommand(client, target, { name, input: plainly(input), runId }),
    glasses: (zone, application) => openGlasses(client, zone, application),
    auditTrail: (zone) => describeTrail(client, zone),
    countersign: (glass, signed) => countersign(client, glass, signed),
    status: (target) => describeStatus(client, target),
    statusOf: (deployment) => describeRunStatus(handleOf(deployment)),
    running: (target) => describeListed(client, target),
    runningIn: (zone) => listRunning(client, zone),
    known: (target) => describeKnown(client, target),
    stuck: (workflowIds) => findStuck(client.workflow, workflowIds),
    newest: (target) => describeNewest(client, target),
    ask: (question) => ask(client, question),
    watch: (target, show, signal) => watchTopology(client, target, show, signal),
    ended: (deployment) => waitForEnding(handleOf(deployment)),
    historyEvents: async (deployment) => (await handleOf(deployment).describe()).historyLength,
    stagings: stagingsOf(client),
    close,
  };
}

/** @throws {Refused} for a name or a reason that is none */
function plainly<Input>(input: Input): Input {
  const fault = wordsFault(input);
  if (fault !== undefined) throw new Refused(fault);
  return input;
}
