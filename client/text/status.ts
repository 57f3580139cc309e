/** A deployment's status in words, a line each: first what is wanted, then what is live, then what happened. */
import { formatDuration } from '../../settings/durations';
import { formatProof } from '../../contract/approvals';
import { formatPhase } from './phase';
import { formatServing, formatShares, formatStanding } from '../../contract/text';
import type { DeploymentStatus } from '../../contract/status';

export function formatStatus(status: DeploymentStatus, now = Date.now()): string[] {
  return [
    `${status.workflowId}: ${formatHeadline(status)}`,
    ...(status.outcome === null && status.runId !== undefined ? [`Run: ${status.runId}`] : []),
    ...(status.waitingFor === null ? [] : [`Wanted: ${status.waitingFor}`]),
    ...(status.deadline === null
      ? []
      : [`Else, at ${status.deadline} (${formatTimeLeft(status.deadline, now)}): ${status.afterDeadline}`]),
    ...(status.commands.length === 0 ? [] : [`Possible: ${status.commands.join(', ')}`]),
    ...(status.failure === null ? [] : [`Why: ${status.failure}`]),
    ...dossierLines(status),
    `Live: ${status.live === null ? 'not known' : formatServing(status.live)}`,
    ...approvalLines(status),
    ...trafficLines(status),
    ...replicaLines(status),
    ...(status.proofs ?? []).map((says) => `Proof: ${says}`),
    ...(status.gates ?? []).map((one) => `Gate ${formatStanding(one)}`),
    ...status.steps.map(formatStep),
    ...status.ignored.map(({ at, name, why }) => `  ${at}  ${name} ignored: ${why}`),
  ];
}

/** `12m 3s left`. */
const formatTimeLeft = (iso: string, now: number) => `${formatDuration(Math.max(0, Date.parse(iso) - now))} left`;

function formatHeadline({ phase, outcome, heldIn, image, paused, live: now }: DeploymentStatus): string {
  // A renamed application was deployed under its earlier name.
  if (phase === null) return now?.servedBy === 'container' ? 'not deployed under this name yet' : 'never deployed';
  const what = image === null ? '' : ` (${image})`;
  if (outcome !== null) return `${outcome}${what}`;
  return `${formatPhase({ phase, heldIn, paused })}${what}`;
}

/** Who approved, for which plan; and what one person's word began. */
function approvalLines({ approvals, uncountersigned = [] }: DeploymentStatus): string[] {
  const open = uncountersigned.map((line) => `To be countersigned: ${line}`);
  if (approvals === undefined) return open;
  const { counted, minimum, plan, closed } = approvals;
  const who = counted.map((one) => `${formatProof(one)}${one.breakGlass ? ', alone' : ''}, at ${one.at}`);
  return [
    ...(minimum > 0
      ? [`Approved: ${counted.length} of ${minimum}, for plan ${plan}`, ...who.map((line) => `  ${line}`)]
      : []),
    ...(closed === null ? [] : [`Cut: ${closed}`]),
    ...open,
  ];
}

function trafficLines(status: DeploymentStatus): string[] {
  const shares = formatShares(status);
  return shares === null ? [] : [`Traffic: ${shares}`];
}

/** How far a rolling update is. */
const replicaLines = ({ replicas: now }: DeploymentStatus) =>
  now === null ? [] : [`Replicas: ${now.new} new, ${now.starting} starting, ${now.old} old, ${now.draining} draining`];

/** The newest failure in full, while it matters. */
function dossierLines({ dossier: found, failure }: DeploymentStatus): string[] {
  if (found === null || failure === null) return [];
  return [
    ...[...found.tasks, ...found.targets, ...found.events].map((line) => `  ${line}`),
    ...(found.unread === null ? [] : [`  (AWS could not be asked: ${found.unread})`]),
    ...(found.changed.length === 0 ? [] : [`Already changed: ${found.changed.join('; ')}`]),
    `Next: ${found.next}`,
  ];
}

const formatStep = ({ phase, started, ended, done }: DeploymentStatus['steps'][number]) =>
  `  ${started}  ${phase}${ended === null ? '' : ` (${done ? '' : 'stopped after '}${formatDuration(Date.parse(ended) - Date.parse(started))})`}`;
