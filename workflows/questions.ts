/**
 * Reads for people what only a worker can read: what is live, what a deployment would do, what is there on AWS, what stands in
 * the way, what tasks logged. Changes nothing. Each question is one short run with one activity.
 */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { z } from 'zod';
import type { Finding } from '../planning/doctor';
import type { DeploymentPreview } from '../planning/preview/deployment';
import type { Topology } from '../planning/topology';
import { descriptions, files, folders, watching } from './engine/activities';
import { stepFailure } from './engine/failures';
import { deploymentRequest, taskQueues, undoRequest, type Live, type ReleaseEntry } from '../contract/runbook-requests';

const zone = z.string().min(1).max(50);
const application = z.string().min(1).max(100);

/** The input: `{"kind": "live", "zone": "…", "application": "…"}`. */
const describeRequest = z.discriminatedUnion('kind', [
  /** What serves an application. */
  z.strictObject({ kind: z.literal('live'), zone, application }),
  /** What serves each application of a zone. */
  z.strictObject({ kind: z.literal('zone'), zone }),
  /** What a deployment would do. */
  z.strictObject({ kind: z.literal('plan'), zone, application, deployment: deploymentRequest }),
  /** What another runbook would do. */
  z.strictObject({
    kind: z.literal('planRunbook'),
    zone,
    application,
    runbook: z.enum(['undo', 'updateConfiguration', 'removeApplication']),
    input: undoRequest.default({}),
  }),
  /** The releases of an application, newest first. */
  z.strictObject({ kind: z.literal('history'), zone, application }),
  /** What an application is made of. */
  z.strictObject({ kind: z.literal('topology'), zone, application }),
  /** The same again and again, in the activity's heartbeats, so that a long look leaves a short history. */
  z.strictObject({ kind: z.literal('watch'), zone, application }),
  /** What stands in the way of deployments. */
  z.strictObject({ kind: z.literal('doctor'), zone }),
  /** The last lines of an application's tasks. */
  z.strictObject({ kind: z.literal('logs'), zone, application, lines: z.int().min(1).max(500).default(20) }),
]);
export type DescribeRequest = z.input<typeof describeRequest>;
export type DescribeKind = DescribeRequest['kind'];

/** What each kind of question is answered with. */
export interface Descriptions {
  readonly live: Live;
  readonly zone: Readonly<Record<string, Live>>;
  readonly plan: DeploymentPreview;
  readonly planRunbook: DeploymentPreview;
  readonly history: readonly ReleaseEntry[];
  readonly topology: Topology;
  readonly watch: null;
  readonly doctor: readonly Finding[];
  readonly logs: readonly TaskLog[];
}

/** The end of what one task printed. */
export interface TaskLog {
  readonly task: string;
  readonly service: string;
  readonly status: string;
  /** Oldest first. */
  readonly lines: readonly { readonly at: string | null; readonly text: string }[];
}

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
    return [{ check: 'folders', state: 'error', says, next, application: null }];
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
