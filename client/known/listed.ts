/**
 * What `list` says of a deployment, without asking it: its run keeps that in its memo and its search attributes, which Temporal
 * itself answers with. No worker has to replay anything for it.
 */
import type { Client, WorkflowExecutionDescription } from '@temporalio/client';
import { z } from 'zod';
import { deploymentIdOf, searchAttributes } from '../../contract/ids';
import { summaryMemo, type DeploymentSummary } from '../../contract/status';
import { describeStuck } from '../../temporal/stuck';
import { describeRun } from '../retries';
import type { Target } from '../target';

export interface ListedDeployment extends DeploymentSummary {
  readonly workflowId: string;
  readonly runId: string;
  /** `null` while it hasn't begun. */
  readonly phase: string | null;
  /** That nothing of it goes on, and why; `null` while it does. */
  readonly stuck: string | null;
}

const text = z.string().nullable();
const summary = z.object({ image: text, heldIn: text, paused: z.boolean(), waitingFor: text, deadline: text });

/** So many deployments of a zone at once are more than anybody has. */
const mostListed = 1_000;

/** The deployments of a zone that run, by one question to Temporal, which knows of a new one a moment later; none is looked at for being stuck. */
export async function listRunning(client: Client, zone: string): Promise<Omit<ListedDeployment, 'stuck'>[]> {
  const query = `${searchAttributes.zone.name} = '${zone.replaceAll("'", "''")}' AND ExecutionStatus = 'Running'`;
  const found: Omit<ListedDeployment, 'stuck'>[] = [];
  for await (const run of client.workflow.list({ query, pageSize: mostListed })) {
    if (run.workflowId.startsWith(`${zone}/`)) found.push(listedOf(run));
    if (found.length === mostListed) break;
  }
  return found;
}

/** `undefined` when no deployment of the application runs. */
export async function describeListed(client: Client, target: Target): Promise<ListedDeployment | undefined> {
  return (await describeRunning(client, target))?.listed;
}

/** The same, with the description that it is read from. */
export async function describeRunning(
  client: Client,
  target: Target,
): Promise<{ readonly listed: ListedDeployment; readonly description: WorkflowExecutionDescription } | undefined> {
  const description = await describeRun(client.workflow.getHandle(deploymentIdOf(target)));
  if (description?.status.name !== 'RUNNING') return undefined;
  return {
    listed: { ...listedOf(description), stuck: await describeStuck(client.workflow, description) },
    description,
  };
}

/** A run of an earlier version keeps no memo, and one that just began has none yet: then its search attributes alone say it. */
export function listedOf({
  workflowId,
  runId,
  memo,
  typedSearchAttributes: found,
}: Pick<WorkflowExecutionDescription, 'workflowId' | 'runId' | 'memo' | 'typedSearchAttributes'>): Omit<
  ListedDeployment,
  'stuck'
> {
  const known = summary.safeParse(memo?.[summaryMemo]);
  const waitsFor = found.get(searchAttributes.waitsFor) ?? null;
  const own = {
    image: null,
    heldIn: null,
    paused: waitsFor === 'resume',
    waitingFor: waitsFor && `It waits for: ${waitsFor}.`,
    deadline: found.get(searchAttributes.deadline)?.toISOString() ?? null,
  };
  const phase = found.get(searchAttributes.phase) ?? null;
  return { workflowId, runId, phase, ...(known.success ? known.data : own) };
}
