/** The applications of a zone as a table: what serves each, and what its deployment is about. */
import Table from 'cli-table3';
import type { ListedDeployment } from '../known/listed';
import { dateAndTime, formatServing } from '../../contract/text';
import type { Serving } from '../../planning/observed/blue';
import { formatPhase } from './phase';
import { printableLine } from '../../terminal/printable';

export interface ListedApplication {
  readonly application: string;
  /** `null` when the worker doesn't know the application. */
  readonly live: Serving | null;
  /** `null` when none runs. */
  readonly deployment: ListedDeployment | null;
  /** What one person's word began, and nobody has countersigned yet. Default: nothing. */
  readonly uncountersigned?: readonly string[];
}

export function formatApplications(listed: readonly ListedApplication[]): string[] {
  if (listed.length === 0) return ['The settings know no application: add one under "applications".'];
  const rows = new Table({
    head: ['application', 'live', 'deployment', 'by itself at (UTC)', 'wanted'],
    style: { head: [], border: [], compact: true },
    wordWrap: true,
    colWidths: [null, null, null, null, Math.max(30, (process.stdout.columns || 120) - 80)],
  });
  for (const { application, live, deployment, uncountersigned = [] } of listed) {
    const open = uncountersigned.map((line) => `To be countersigned: ${line}`);
    const wanted = [
      ...(deployment?.stuck ? [deployment.stuck] : []),
      ...(deployment?.waitingFor ? [deployment.waitingFor] : []),
      ...open,
    ]
      .map(printableLine)
      .join('\n');
    const deadline = deployment?.deadline ?? null;
    rows.push([
      printableLine(application),
      printableLine(formatLive(live)),
      printableLine(formatDeployment(deployment)),
      deadline === null ? '' : dateAndTime(deadline),
      wanted,
    ]);
  }
  return rows.toString().split('\n');
}

const formatLive = (live: Serving | null): string =>
  live === null ? 'not known to the worker' : formatServing(live).replace(/^the /, '');

function formatDeployment(deployment: ListedDeployment | null): string {
  if (deployment === null) return '';
  const { phase, heldIn, paused, image, stuck } = deployment;
  return `${formatPhase({ phase: phase ?? 'begins', heldIn, paused })}${stuck === null ? '' : ', stuck'}${image === null ? '' : ` (${image})`}`;
}
