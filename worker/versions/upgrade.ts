/**
 * The procedure that hands deployments over to a new version of the workers: replay what is in flight, make the version current,
 * move what can go on with it, and wait until nothing needs the old one. It may be interrupted and begun again at any point.
 */
import { taskQueues } from '../../contract/ids';
import { buildIdsOf, pollersOf, recentPollers } from '../../temporal/pollers';
import {
  makeCurrent,
  moveExecution,
  rampTo,
  readWorkerVersions,
  type TemporalNamespace,
  type VersionState,
  type WorkerVersions,
} from '../../temporal/worker-deployment';
import { eachReplayed, listInFlight, replay, replayInFlight, type Replayed, type Verdict } from './replay';

export interface Upgrade extends TemporalNamespace, Replayed {
  /** The version that this program is, and that is to be current. */
  readonly buildId: string;
  /** Only says what would happen. */
  readonly check: boolean;
  /** Sends this percentage of new deployments to the new version, and moves nothing. */
  readonly ramp?: number | undefined;
  /** Whether to wait until the old versions have no deployment left. */
  readonly wait: boolean;
  readonly say: (line: string) => void;
  /** Between two looks at what is waited for; default 2 s. */
  readonly pollMs?: number;
}

export interface UpgradeReport {
  readonly version: string;
  /** Of the time when it ended. */
  readonly versions: readonly { readonly buildId: string; readonly state: VersionState; readonly mayStop: boolean }[];
  /** What was in flight when it began. */
  readonly executions: readonly Verdict[];
  /** The workflow IDs that went over to the new version. */
  readonly moved: readonly string[];
}

/**
 * @throws {Error} with one sentence, and nothing changed, when something in flight belongs to no version and can't go on with
 * this one, or when the versions were changed by somebody else meanwhile
 */
export async function upgrade(upgrading: Upgrade): Promise<UpgradeReport> {
  const { buildId, say, check, ramp, wait } = upgrading;
  const executions = await replayInFlight(upgrading);
  executions.forEach((verdict) => say(formatVerdict(verdict, buildId)));
  if (executions.length === 0) say('Nothing is in flight.');
  refuseWhatWouldStandStill(executions, buildId);
  const report = async (moved: readonly string[] = []) => await reportOn(upgrading, executions, moved);
  if (check) return await report();
  const known = await untilItPolls(upgrading);
  if (ramp !== undefined) {
    await rampTo(upgrading, known, { buildId, percentage: ramp }).catch(toSentence);
    say(`${ramp} % of new deployments go to ${buildId}; "cutover upgrade" sends all.`);
    return await report();
  }
  if (known.current !== buildId) await makeCurrent(upgrading, known, buildId).catch(toSentence);
  say(`${buildId} is the current version: new deployments go to it.`);
  const moved = await moveAll(upgrading);
  if (wait) await untilDrained(upgrading);
  return await report(moved);
}

/** How an operator reads it. */
export function formatVerdict({ workflowId, type, version, objection }: Verdict, buildId: string): string {
  const what = `${workflowId} (${type})`;
  if (version === buildId) return `${what} is with ${buildId} already`;
  if (objection === null) return `${what} goes on`;
  return version === null
    ? `${what} can't go on, because ${objection}`
    : `${what} stays on ${version}, because ${objection}`;
}

/**
 * The first list may lack what began a moment before it. What is pinned goes on with its own version, which Temporal itself counts
 * until it is drained; what belongs to no version is looked at again here.
 */
const formatLate = (workflowId: string, buildId: string, objection: string) =>
  `${workflowId} began meanwhile, belongs to no version and can't go on with ${buildId}, because ${objection}: it stands still until a version that can is the current one ("temporal worker deployment set-current-version"), and loses nothing.`;

function refuseWhatWouldStandStill(executions: readonly Verdict[], buildId: string): void {
  const stuck = executions.filter(({ version, objection }) => version === null && objection !== null);
  if (stuck.length === 0) return;
  const which = stuck.map(({ workflowId, objection }) => `${workflowId} (${objection})`).join('; ');
  throw new Error(
    `Nothing was changed: what belongs to no version would go to ${buildId} and stand still: ${which}. Let the workers of before end it first.`,
  );
}

async function untilItPolls(upgrading: Upgrade): Promise<WorkerVersions> {
  const { buildId, say } = upgrading;
  let said = false;
  for (;;) {
    const known = await readWorkerVersions(upgrading);
    const polled = buildIdsOf(recentPollers(await pollersOf(upgrading, taskQueues.workflows)));
    if (known?.versions.some((version) => version.buildId === buildId) && polled.has(buildId)) return known;
    if (!said) say(`No worker of version ${buildId} is there yet: start them, they wait until this is done.`);
    said = true;
    await pause(upgrading);
  }
}

/** What replays is pinned to the new version at once; what then doesn't, because it went on in that moment, is given back. */
async function moveAll(upgrading: Upgrade): Promise<string[]> {
  const { buildId, say } = upgrading;
  const moved: string[] = [];
  const others = (await listInFlight(upgrading.client)).filter(({ version }) => version !== buildId);
  for await (const verdict of eachReplayed(upgrading, others)) {
    const { workflowId, version, objection } = verdict;
    if (version === null && objection !== null) say(formatLate(workflowId, buildId, objection));
    if (version === null || objection !== null) continue;
    await moveExecution(upgrading, verdict, buildId);
    const [after] = await replay(upgrading, [verdict]);
    if (after === undefined || after.objection === null) {
      moved.push(workflowId);
      continue;
    }
    await moveExecution(upgrading, verdict, version);
    say(`${workflowId} stays on ${version}, because ${after.objection}`);
  }
  if (moved.length > 0) say(`${moved.length} went over to ${buildId}: ${moved.join(', ')}.`);
  return moved;
}

async function untilDrained(upgrading: Upgrade): Promise<void> {
  const { buildId, say } = upgrading;
  let said = '';
  for (;;) {
    const { versions = [] } = (await readWorkerVersions(upgrading)) ?? {};
    const draining = versions.filter((version) => version.state === 'draining').map((version) => version.buildId);
    if (draining.length === 0) return;
    const left = (await listInFlight(upgrading.client)).filter(
      ({ version }) => version !== null && version !== buildId,
    );
    const names = left.map(({ workflowId, version }) => `${workflowId} (${version})`).join(', ');
    const now = `Waits until Temporal calls ${draining.join(', ')} drained; in flight there: ${names || 'nothing'}.`;
    if (now !== said) say(now);
    said = now;
    await pause(upgrading);
  }
}

async function reportOn(
  upgrading: Upgrade,
  executions: readonly Verdict[],
  moved: readonly string[],
): Promise<UpgradeReport> {
  const { buildId, say } = upgrading;
  const known = (await readWorkerVersions(upgrading))?.versions ?? [];
  const versions = known.map((version) => ({
    ...version,
    mayStop: version.buildId !== buildId && ['drained', 'inactive'].includes(version.state),
  }));
  for (const version of versions)
    if (version.mayStop) say(`The workers of version ${version.buildId} may stop.`);
    else if (version.state === 'draining')
      say(`The workers of version ${version.buildId} must go on: deployments need them.`);
  return { version: buildId, versions, executions, moved };
}

const pause = async ({ pollMs = 2_000 }: Upgrade) => await new Promise((resolve) => setTimeout(resolve, pollMs));

function toSentence(error: unknown): never {
  const { details, message } = error as { details?: string; message: string };
  throw new Error(`Temporal refused the change (${details ?? message}): run "cutover upgrade" again.`, {
    cause: error,
  });
}
