/** How programs drive stagings: LifeTime deployments with the calls of the platform that they cause. */
import { WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import { isDeepStrictEqual } from 'node:util';
import { taskQueues, workflowTaskTimeout } from '../../contract/ids';
import { stageIdOf, type StageCommand, type StageRequest, type StagingStatus } from '../../contract/staging';
import { plainSummary } from '../../contract/text';
import { Refused } from '../errors';
import { askRun, describeRun, resultOf } from '../retries';
import { inputOf, sendUpdate, type StartedDeployment } from '../run-control';

export interface Stagings {
  /**
   * Where the same request runs already, it is that run that is given.
   * @throws {Refused} while another one into that environment runs
   */
  readonly start: (request: StageRequest) => Promise<StartedDeployment>;
  /** Of the newest into that environment. @throws {Refused} when there was none */
  readonly status: (environment: string) => Promise<StagingStatus>;
  readonly command: (
    environment: string,
    name: StageCommand,
    input: { readonly by: string; readonly reason?: string },
  ) => Promise<void>;
  readonly ended: (started: StartedDeployment) => Promise<StagingStatus>;
}

export function stagingsOf(client: Client): Stagings {
  const handleOf = (environment: string) => client.workflow.getHandle(stageIdOf(environment));
  return {
    start: (request) => start(client, request),
    status: async (environment) => {
      const handle = handleOf(environment);
      if (!(await describeRun(handle))) throw new Refused(nothingStaged(environment));
      return (await askRun<StagingStatus>(handle)) ?? ((await resultOf(handle)) as StagingStatus);
    },
    command: async (environment, name, input) => {
      await sendUpdate(handleOf(environment), name, input, () => `Nothing is being staged to ${environment} now.`);
    },
    ended: async ({ workflowId, runId }) =>
      (await resultOf(client.workflow.getHandle(workflowId, runId))) as StagingStatus,
  };
}

const nothingStaged = (environment: string) =>
  `Nothing was ever staged to ${environment}, or Temporal has forgotten it.`;

async function start(client: Client, request: StageRequest): Promise<StartedDeployment> {
  const { from, to, applications } = request;
  const workflowId = stageIdOf(to);
  try {
    const handle = await client.workflow.start('stage', {
      workflowId,
      taskQueue: taskQueues.workflows,
      workflowTaskTimeout,
      args: [request],
      staticSummary: plainSummary(`${applications.join(', ')} from ${from} to ${to}`),
    });
    return { workflowId, runId: handle.firstExecutionRunId };
  } catch (error) {
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    const runs = await describeRun(client.workflow.getHandle(workflowId));
    const runId = runs?.runId ?? '';
    const its = runs && (await inputOf<StageRequest>(client, { workflowId, runId }));
    if (isDeepStrictEqual(wanted(its), wanted(request))) return { workflowId, runId, attached: true };
    throw new Refused(
      `LifeTime runs one deployment into an environment at a time, and cutover stages to ${to} already: see "cutover stage --to ${JSON.stringify(to)} --status".`,
    );
  }
}

/** What is asked for, whoever asks and why. */
function wanted(request: StageRequest | undefined): unknown {
  const { from, to, applications = [], redeployOutdated = false } = request ?? {};
  const names = applications.map((name) => name.toLowerCase()).toSorted((one, other) => one.localeCompare(other));
  return { from: from?.toLowerCase(), to: to?.toLowerCase(), redeployOutdated, names };
}
