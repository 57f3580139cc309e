/** How a version becomes the current one by itself: only where there is none, so that the first worker needs nobody's help. */
import type { Logger } from '@temporalio/worker';
import { makeCurrent, readWorkerVersions, type TemporalNamespace } from '../../temporal/worker-deployment';
import type { Verdict } from './replay';

export interface Claim extends TemporalNamespace {
  readonly buildId: string;
  /** What is in flight, replayed: without a current version it is bound to none, and would go to this one. */
  readonly replay: () => Promise<readonly Verdict[]>;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  readonly signal: AbortSignal;
}

const lookEveryMs = 500;
const failedPrecondition = 9;

/** Waits until Temporal knows this version, then makes it the current one unless another is. Says in the log what it did. */
export async function claimVersion(claim: Claim): Promise<void> {
  const { buildId, log, signal } = claim;
  while (!signal.aborted) {
    const known = await readWorkerVersions(claim);
    if (known?.current === buildId) return log.info(`Version ${buildId} is the current one.`);
    if (known?.current) return log.warn(waiting(buildId, known.current));
    if (known?.versions.some((version) => version.buildId === buildId)) {
      const stuck = (await claim.replay()).filter(({ objection }) => objection !== null);
      if (stuck.length > 0) return log.error(refused(buildId, stuck));
      await makeCurrent(claim, known, buildId).catch(unlessSomebodyWasFaster);
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
}

const waiting = (buildId: string, current: string) =>
  `Version ${current} is the current one. This worker, of version ${buildId}, waits until "cutover upgrade" hands deployments over to it.`;

const refused = (buildId: string, stuck: readonly Verdict[]) =>
  `No version is current, and this one, ${buildId}, can't go on with what is in flight: ${stuck.map(formatStuck).join('; ')}. Let the workers of before end it, then run "cutover upgrade".`;

const formatStuck = ({ workflowId, type, objection }: Verdict) => `${workflowId} (${type}): ${objection}`;

/** The next look sees what they did. */
function unlessSomebodyWasFaster(error: unknown): void {
  if ((error as { code?: unknown }).code !== failedPrecondition) throw error;
}
