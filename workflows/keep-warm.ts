/**
 * What a deployment kept warm is retired later, by a run of its own under the application's lock. Until then a run that is only
 * a timer waits beside it, so that the next deployment, or an undo, may begin at any moment; when the time comes, and that lock
 * is taken, the retirement waits its turn. What has been used since is left alone.
 */
import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  continueAsNew,
  makeContinueAsNewFunc,
  ParentClosePolicy,
  sleep,
  startChild,
  workflowInfo,
} from '@temporalio/workflow';
import { workflowTaskTimeout } from '../contract/ids';
import { parseKeepWarmRequest, parseRetirementRequest, type KeepWarmRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import type { ApplicationIdentity } from '../planning/names';
import { formatDuration } from '../settings/durations';
import { aws, planning } from './activities';
import { runRunbook } from './engine/runbook';
import { drain } from './moves/drain';
import { removeScaling } from './moves/scaling';

/** Starts the timer, which outlives this run. @param warm the replicas that stay, as they are now */
export async function scheduleRetirement(
  { zone, name }: ApplicationIdentity,
  warm: KeepWarmRequest['kept'],
  keepMs: number,
): Promise<void> {
  const { workflowId: lock, runId } = workflowInfo();
  await startChild(keepWarm, {
    workflowId: `warm/${zone}/${name}/${runId}`,
    workflowTaskTimeout,
    args: [{ lock, keepMs, kept: warm }],
    staticSummary: `Keeps ${warm.service} warm for ${formatDuration(keepMs)}`,
    parentClosePolicy: ParentClosePolicy.ABANDON,
  });
}

/** Between two looks at whether the lock is free: twice as long each time, for a hold may last for days. */
const firstPauseMs = 1_000;
const longestPauseMs = 10 * 60_000;

/** A run that asks for days begins anew; where workers have versions, with those of today. */
const beginAnew = (isAnotherVersion: boolean) =>
  isAnotherVersion
    ? makeContinueAsNewFunc<typeof keepWarm>({ initialVersioningBehavior: 'AUTO_UPGRADE' })
    : continueAsNew<typeof keepWarm>;

/**
 * Waits, then starts the retirement as soon as nothing else is under way.
 * @throws {ApplicationFailure} of type `InvalidRequest` when the input can't be read, with one sentence
 */
export async function keepWarm(input?: unknown): Promise<void> {
  const parsed = parseKeepWarmRequest(input);
  if ('error' in parsed) throw ApplicationFailure.nonRetryable(parsed.error, 'InvalidRequest');
  const { lock, keepMs, kept: warm } = parsed.value;
  await sleep(keepMs, { summary: `${warm.service} is kept warm for ${formatDuration(keepMs)}` });
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
    try {
      await startChild(retireWarm, {
        workflowId: lock,
        workflowTaskTimeout,
        args: [{ ...warm, by: 'the end of keepWarm' }],
        staticSummary: `Stops ${warm.service}, which was kept warm`,
        parentClosePolicy: ParentClosePolicy.ABANDON,
      });
      return;
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
      const { continueAsNewSuggested, targetWorkerDeploymentVersionChanged } = workflowInfo();
      if (continueAsNewSuggested || targetWorkerDeploymentVersionChanged)
        await beginAnew(targetWorkerDeploymentVersionChanged)({ ...parsed.value, keepMs: 0 });
      await sleep(pauseMs, { summary: `${lock} is being deployed` });
    }
  }
}

/** Takes the replicas down, drained, unless something has been done with their slot since. */
export async function retireWarm(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('retireWarm', parseRetirementRequest(input), async (run, request) => {
    const plan = await run.step('plan', () => planning.planRetirement(request));
    run.recordPlan(plan);
    const { site, service, alsoThrough = [] } = plan;
    const each = [plan, ...alsoThrough];
    if (service === null) return run.note(`${request.service} has been used since, so it was left alone.`);
    await run.finish(async () => {
      await run.step('retire', async () => {
        await removeScaling(site, service, plan.scales);
        await aws.setDesiredCount(site, { service, desiredCount: 0, expecting: request.taskDefinition });
        for (const { targetGroupArn } of each) await drain(run, site, service, targetGroupArn);
      });
      await run.step('cleanUp', async () => {
        for (const { testRoute, targetGroupArn: group } of each)
          await aws.setRoute(site, testRoute, 'gone', { blue: group, green: group ?? '' });
      });
    });
  });
}
