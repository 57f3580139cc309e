/**
 * The App.config that a deployment takes with it. Only a worker that has the zone's folders mounted can read it; a zone without
 * configurations needs no such worker, and where one is missing the status says so within seconds.
 */
import { isCancellation } from '@temporalio/workflow';
import { aws, files, tidying } from '../activities';
import { fewerEvents } from '../changes';
import { stepFailure } from '../engine/failures';
import { taskQueues } from '../../contract/ids';
import type { PlatformApplication } from '../../contract/runbook-requests';
import type { Run } from '../engine/run';
import type { PublishedConfiguration } from '../../activities/files/configuration';
import type { DeploymentPlan } from '../../planning/plans/deployment';

const missing = `Nothing answers on the task queue ${taskQueues.files} yet: start "cutover worker" where the zone's configuration folders are mounted. Nothing was touched so far.`;

interface Planners<Plan> {
  /** `null` where replicas mount one. */
  readonly unconfigured: () => Promise<Plan | null>;
  readonly configured: (published: PublishedConfiguration | null) => Promise<Plan>;
}

/** What is planned with the configuration as it is now, which is published first where replicas mount one. */
export async function planConfigured<Plan>(
  run: Run,
  request: { readonly application?: PlatformApplication | undefined },
  { unconfigured, configured }: Planners<Plan>,
): Promise<Plan> {
  if (!fewerEvents()) return await configured(await publishConfiguration(run, request));
  return (await unconfigured()) ?? (await configured(await publish(run, request)));
}

/** The configuration as it is now, published; `null` where the zone has none, or the application. */
export async function publishConfiguration(
  run: Run,
  { application }: { readonly application?: PlatformApplication | undefined },
): Promise<PublishedConfiguration | null> {
  if (!(await aws.mountsConfigurations(application))) return null;
  return await publish(run, { application });
}

const publish = async (run: Run, { application }: { readonly application?: PlatformApplication | undefined }) =>
  await run.warnWhenLate(missing, () => files.publishConfiguration(application));

/**
 * Removes the application's copies that no task definition refers to any more, and never the one that serves. Where that fails, a
 * note says why, and nothing else changes: the deployment is over.
 */
export async function removeOldCopies(
  run: Run,
  { site, application, release }: Pick<DeploymentPlan, 'site' | 'application' | 'release'>,
): Promise<void> {
  if (release.configuration === null) return;
  try {
    const all = await tidying.files.describeCopies(application);
    const others = all.filter(({ sha256 }) => sha256 !== release.configuration);
    if (others.length === 0) return;
    const names = others.map(({ sha256 }) => sha256);
    const referred = await tidying.aws.describeConfigurationReferences(site, application, names);
    const old = others.filter(({ sha256 }) => !referred.includes(sha256));
    if (old.length > 0) await tidying.files.removeCopies(application, old);
  } catch (error) {
    const failure = stepFailure(error);
    if (isCancellation(error) || !failure) throw error;
    run.note(`Old copies of its configuration stay until its next deployment: ${failure.message}`);
  }
}
