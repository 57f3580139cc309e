/** Scaled to zero, and gone: or left over, by name. */
import { waits } from '../activities';
import type { Run } from '../engine/run';
import type { Drain } from '../../activities/aws/ecs/drains';
import type { Site } from '../../planning/site';

/**
 * Waits until nothing of a service runs or answers any more. What doesn't end by itself is shown in the status, and when the time
 * for it is over it is noted, and nothing waits for it.
 */
export async function drain(run: Run, site: Site, service: string, targetGroupArn: string | null): Promise<void> {
  let found = await waits.waitForDrained(site, service, targetGroupArn);
  try {
    while (found && !found.isOver) {
      run.tell(`${service} isn't drained: ${formatLeft(found)} is left. It is left over after ${found.limit} in all.`);
      found = await waits.waitForDrained(site, service, targetGroupArn, found);
    }
  } finally {
    run.tell(null);
  }
  if (found) run.note(`Left over of ${service} after ${found.limit}: ${formatLeft(found)}. Nothing waits for it.`);
}

const formatLeft = ({ left }: Drain) => {
  const shown = left.slice(0, 5).join('; ');
  return left.length > 5 ? `${shown}; and ${left.length - 5} more` : shown;
};
