/**
 * Reads for people what only a worker can read: what is live, what a deployment would do, what is there on AWS, what stands in
 * the way, what tasks logged. Changes nothing. Each question is one short run with one activity.
 */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import type { z } from 'zod';
import type { Finding } from '../planning/doctor';
import type { DeploymentPreview } from '../planning/preview/preview';
import { descriptions, files, folders, watching } from './activities';
import { stepFailure } from './engine/failures';
import { describeRequest, finding, type DescribeKind, type Descriptions } from '../contract/questions';
import { taskQueues } from '../contract/ids';

export async function describe(input?: unknown): Promise<Descriptions[DescribeKind]> {
  const parsed = describeRequest.safeParse(input);
  if (!parsed.success) throw invalid(parsed.error.issues[0]);
  const request = parsed.data;
  switch (request.kind) {
    case 'live':
      return await descriptions.describeLive(request);
    case 'zone':
      return await descriptions.describeZone(request);
    case 'plan':
    case 'planRunbook':
      return await preview(request);
    case 'history':
      return await descriptions.describeHistory(request);
    case 'topology':
      return await descriptions.describeTopology(request);
    case 'watch':
      return await watching.watchTopology(request);
    case 'doctor':
      return await examine(request);
    case 'logs':
      return await descriptions.describeLogs(request, request.lines);
  }
}

/** AWS, and where the platform calls, what only workers with its folders see. */
async function examine(asked: { readonly zone: string }): Promise<readonly Finding[]> {
  const found = await Promise.all([descriptions.examineZone(asked), examineFolders(asked)]);
  return found.flat();
}

async function examineFolders(asked: { readonly zone: string }): Promise<readonly Finding[]> {
  if (!(await descriptions.zoneSharesFolders(asked))) return [];
  try {
    return await folders.examineFiles(asked);
  } catch (error) {
    const failure = stepFailure(error);
    if (!failure) throw error;
    const says = `nobody looked at the zone's folders: ${failure.message}`;
    const next = `Start "cutover worker" where they are mounted: it takes work from the task queue ${taskQueues.files}.`;
    return [finding({ check: 'folders', state: 'error', says, next })];
  }
}

type PreviewQuestion = Extract<z.infer<typeof describeRequest>, { kind: 'plan' | 'planRunbook' }>;

/** Planned with the configuration as it is now, which is read and not published. */
async function preview(question: PreviewQuestion): Promise<DeploymentPreview> {
  const { zone: zoneName, application: name } = question;
  const asked = { zone: zoneName, application: name };
  const { runId } = workflowInfo();
  if (question.kind === 'plan') {
    const configuration = await configurationOf(asked);
    return await descriptions.previewDeployment(asked, {
      runbook: 'deploy',
      input: question.deployment,
      configuration,
      runId,
    });
  }
  const { runbook, input } = question;
  if (runbook !== 'updateConfiguration') return await descriptions.previewDeployment(asked, { runbook, input, runId });
  const configuration = await configurationOf(asked);
  return await descriptions.previewDeployment(asked, { runbook, input, configuration, runId });
}

const configurationOf = async (asked: { readonly zone: string; readonly application: string }) =>
  (await descriptions.zoneMountsConfigurations(asked)) ? await files.describeConfiguration(asked) : null;

function invalid(issue: z.core.$ZodIssue | undefined): ApplicationFailure {
  const where = issue?.path.map(String).join('.') ?? '';
  return ApplicationFailure.nonRetryable(
    `The input is not a question: ${where} ${issue?.message ?? ''}. It looks like {"kind": "live", "zone": "…", "application": "…"}.`,
    'InvalidRequest',
  );
}
