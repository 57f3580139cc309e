/** What Temporal itself knows of a deployment for which no worker answers, a line each. */
import { formatDuration } from '../../settings/durations';
import { formatPhase } from './phase';
import type { KnownDeployment } from '../known/known';

export function formatKnown(known: KnownDeployment, now = Date.now()): string[] {
  const { workflowId, runId, phase, heldIn, paused, image, since, waitingFor, deadline, pending } = known;
  const long = since === null ? '' : `, since ${since} (${formatDuration(Math.max(0, now - Date.parse(since)))})`;
  return [
    `${workflowId}: ${formatPhase({ phase: phase ?? 'begins', heldIn, paused })}${image === null ? '' : ` (${image})`}${long}`,
    `Run: ${runId}`,
    ...(waitingFor === null ? [] : [`Wanted: ${waitingFor}`]),
    ...(deadline === null ? [] : [`By itself at ${deadline}, once a worker is there`]),
    ...pending.map((what) => `Pending: ${what}`),
    'This is what Temporal itself knows. What serves goes on serving.',
  ];
}
