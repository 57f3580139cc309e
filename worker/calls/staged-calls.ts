/** The platform's calls that a staging causes, as Temporal knows them: the calls' own status, and the memo of what they began. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { z } from 'zod';
import type { StagedCalls } from '../../activities/lifetime/index';
import { hookCallStatusQuery, parseHookCallId, type HookCallStatus } from '../../contract/hook-calls';
import { searchAttributes } from '../../contract/ids';
import type { JoinedDeployment, JoinedOperation } from '../../contract/staging';
import { summaryMemo } from '../../contract/status';

/** Of all calls in the zone since then; more are looked at by nobody. */
const most = 500;
const answerMs = 5_000;

const summary = z.object({ waitingFor: z.string().nullable(), deadline: z.string().nullable() });

export function stagedCalls(client: Client): StagedCalls {
  /** What has ended says the same each time. */
  const over = new Map<string, JoinedOperation>();
  const describe = async (id: string, startedAt: Date, runs: boolean): Promise<JoinedOperation | undefined> => {
    const name = parseHookCallId(id);
    if (name === undefined) return undefined;
    const before = over.get(id);
    if (before !== undefined) return before;
    const { method, applicationKey } = name;
    const asked = await client
      .withDeadline(Date.now() + answerMs, () =>
        client.workflow.getHandle(id).query<HookCallStatus>(hookCallStatusQuery.name),
      )
      .catch(() => undefined);
    const deployment = asked?.runbook ? await deploymentOf(client, asked.runbook, id) : null;
    const operation: JoinedOperation = {
      workflowId: id,
      method,
      applicationKey,
      startedAt: startedAt.toISOString(),
      doing: runs ? (asked?.doing ?? null) : null,
      isOver: !runs,
      answered: asked?.answered ?? null,
      error: asked?.error ?? null,
      deployment,
    };
    if (!runs && asked !== undefined && (deployment?.isOver ?? true)) remember(over, operation);
    return operation;
  };
  return {
    list: async ({ applicationKeys, since, zone }) => {
      const wanted = new Set(applicationKeys.map((key) => key.toLowerCase()));
      const inZone = zone === null ? '' : ` AND ${searchAttributes.zone.name} = "${zone.replace(/["\\]/g, '')}"`;
      const query = `WorkflowId STARTS_WITH "hook/" AND StartTime >= "${since}"${inZone}`;
      const found: { id: string; startedAt: Date; runs: boolean }[] = [];
      let left = most;
      for await (const { workflowId, startTime, status } of client.workflow.list({ query })) {
        if (left-- === 0) break;
        const name = parseHookCallId(workflowId);
        if (name && wanted.has(name.applicationKey))
          found.push({ id: workflowId, startedAt: startTime, runs: status.name === 'RUNNING' });
      }
      const joined = await Promise.all(found.map(({ id, startedAt, runs }) => describe(id, startedAt, runs)));
      return joined.flatMap((one) => one ?? []).toSorted((one, other) => one.startedAt.localeCompare(other.startedAt));
    },
  };
}

function remember(over: Map<string, JoinedOperation>, operation: JoinedOperation): void {
  over.set(operation.workflowId, operation);
  const [oldest] = over.keys();
  if (over.size > most && oldest !== undefined) over.delete(oldest);
}

/** @returns `null` where its newest run was begun by somebody else than this call */
async function deploymentOf(client: Client, workflowId: string, call: string): Promise<JoinedDeployment | null> {
  const run = await client.workflow
    .getHandle(workflowId)
    .describe()
    .catch((error: unknown) => {
      if (error instanceof WorkflowNotFoundError) return undefined;
      throw error;
    });
  if (run?.parentExecution?.workflowId !== call) return null;
  const { memo, status, typedSearchAttributes: found } = run;
  const said = summary.safeParse(memo?.[summaryMemo]);
  const { waitingFor, deadline } = said.success ? said.data : { waitingFor: null, deadline: null };
  const isOver = status.name !== 'RUNNING';
  return {
    workflowId,
    isOver,
    phase: found.get(searchAttributes.phase) ?? null,
    outcome: isOver ? (found.get(searchAttributes.outcome) ?? status.name.toLowerCase()) : null,
    waitingFor: isOver ? null : waitingFor,
    deadline: isOver ? null : deadline,
  };
}
