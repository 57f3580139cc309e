/** The releases of an application, a line each, newest first. */
import type { ReleaseEntry } from '../../contract/status';
import { dateAndTime } from '../../contract/text';
import { formatDuration } from '../../settings/durations';

export const formatReleases = (releases: readonly ReleaseEntry[]): string[] =>
  releases.length === 0 ? ['No release of it is known.'] : releases.map(formatRelease);

/** A star marks the release that serves. */
function formatRelease(release: ReleaseEntry): string {
  const { at, image, digest, strategy, outcome, seconds, by, reason, failedRequests, loadBalancerErrors, live } =
    release;
  const took = seconds === null ? '' : ` in ${formatDuration(seconds * 1000)}`;
  return [
    `${live ? '*' : ' '} ${dateAndTime(at)}`,
    image,
    digest.slice(0, 'sha256:'.length + 12),
    strategy,
    `${outcome ?? 'not ended'}${took}`,
    ...(failedRequests === null ? [] : [`${failedRequests} failed requests`]),
    ...(loadBalancerErrors ? [`${loadBalancerErrors} answered 502, 503 or 504 by the whole load balancer`] : []),
    ...(by === null ? [] : [`by ${by}`]),
    ...(reason === null ? [] : [`because ${reason}`]),
    ...(release.approvals ?? []).map((who) => `approved: ${who}`),
    ...(release.countersignature === 'wanted' ? ['TO BE COUNTERSIGNED'] : []),
  ].join('  ');
}
