/** What shares mean where rules keep clients on the target group that answered them first: weights are for those without a cookie. */
import { formatDuration } from '../../settings/durations';
import type { DeploymentPlan } from '../plans/deployment';

/** A sentence for the plan; `undefined` where all traffic is cut at once, or no rule is sticky. */
export function stickyShares({ options, liveRoute, alsoThrough = [] }: DeploymentPlan): string | undefined {
  if (options.strategy !== 'blueGreen' || options.shift.length === 1) return undefined;
  const rules = [liveRoute, ...alsoThrough.map((own) => own.liveRoute)].flatMap((route) => route.rules);
  const seconds = Math.max(0, ...rules.map(({ sharing }) => sharing?.stickySeconds ?? 0));
  if (seconds === 0) return undefined;
  return `The rules keep users on the side that answered them first for ${formatDuration(seconds * 1000)} (target group stickiness), so a share is one of new users, and of those whose time is over: most of who is there now stays on blue until the last step, which takes everybody, as a rollback gives everybody back.`;
}
