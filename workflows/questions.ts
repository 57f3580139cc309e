/**
 * Reads for people what only a worker can read: what serves, what a deployment would do, what is there on AWS, what stands in the
 * way, what tasks logged. Changes nothing. Each question is one short run with one activity or a few.
 */
import { ApplicationFailure, workflowInfo } from '@temporalio/workflow';
import { taskQueues } from '../contract/ids';
import { finding, parseQuestion, type DescribeKind, type Descriptions, type Question } from '../contract/questions';
import type { Finding } from '../planning/doctor';
import type { DeploymentPreview } from '../planning/preview/preview';
import { channels, descriptions, files, folders, ofZones, watching } from './activities';
import { stepFailure } from './engine/failures';
import { bindToNoVersion } from './versions';

bindToNoVersion(describe);

/** @throws {ApplicationFailure} of type `InvalidRequest` when the input is not a question */
export async function describe(input?: unknown): Promise<Descriptions[DescribeKind]> {
  const parsed = parseQuestion(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const request = parsed.value;
  switch (request.kind) {
    case 'live':
      return await descriptions.describeLive(request);
    case 'zone':
      return await ofZones.describeZone(request);
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
      return await doctor(request);
    case 'audit':
      return await descriptions.verifyAudit(request);
    case 'notify':
      return await channels.tryChannel(request);
    case 'logs':
      return await descriptions.describeLogs(request, request.lines);
  }
}

interface Zone {
  readonly zone: string;
  readonly tryInlineFlags?: boolean;
}

/** Looks at AWS, and where the platform calls, at what only workers with its folders see. */
async function doctor(zone: Zone): Promise<readonly Finding[]> {
  const found = await Promise.all([ofZones.examineZone(zone), doctorFolders(zone)]);
  return found.flat();
}

async function doctorFolders(zone: Zone): Promise<readonly Finding[]> {
  if (!(await descriptions.zoneSharesFolders(zone))) return [];
  try {
    return await folders.examineFiles(zone);
  } catch (error) {
    const failure = stepFailure(error);
    if (!failure) throw error;
    const says = `nobody looked at the zone's folders: ${failure.message}`;
    const next = `Start "cutover worker" where they are mounted: it takes work from the task queue ${taskQueues.files}.`;
    return [finding({ check: 'folders', state: 'error', says, next })];
  }
}

type PreviewQuestion = Extract<Question, { kind: 'plan' | 'planRunbook' }>;

/** Plans with the configuration as it is now, which is read and not published. */
async function preview(question: PreviewQuestion): Promise<DeploymentPreview> {
  const { zone, application } = question;
  const target = { zone, application };
  const { runId } = workflowInfo();
  if (question.kind === 'plan') {
    const configuration = await describeConfiguration(target);
    const { deployment: input } = question;
    return await descriptions.previewDeployment(target, { runbook: 'deploy', input, configuration, runId });
  }
  const { runbook, input } = question;
  if (runbook !== 'updateConfiguration') return await descriptions.previewDeployment(target, { runbook, input, runId });
  const configuration = await describeConfiguration(target);
  return await descriptions.previewDeployment(target, { runbook, input, configuration, runId });
}

/** `null` where the zone has no configurations, or the application none. */
const describeConfiguration = async (target: { readonly zone: string; readonly application: string }) =>
  (await descriptions.zoneMountsConfigurations(target)) ? await files.describeConfiguration(target) : null;
