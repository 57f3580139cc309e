/** `cutover history`: the releases of an application, a line each, newest first. */
import { formatDuration } from '../../settings/durations';
import type { ReleaseEntry } from '../../contract/status';
import { dateAndTime } from '../../contract/text';
import { findTarget, print, withDeployments, type CommonOptions } from '../options';

export async function history(application: string, options: CommonOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const releases = await deployments.ask({ kind: 'history', ...target });
    print(options.json ? JSON.stringify(releases) : describeReleases(releases));
  });
}

const describeReleases = (releases: readonly ReleaseEntry[]) =>
  releases.length === 0 ? 'No release of it is known.' : releases.map(line).join('\n');

function line({
  at,
  image,
  digest,
  strategy,
  outcome,
  seconds,
  by,
  reason,
  failedRequests,
  live,
}: ReleaseEntry): string {
  const took = seconds === null ? '' : ` in ${formatDuration(seconds * 1000)}`;
  return [
    `${live ? '*' : ' '} ${dateAndTime(at)}`,
    image,
    digest.slice(0, 'sha256:'.length + 12),
    strategy,
    `${outcome ?? 'not ended'}${took}`,
    ...(failedRequests === null ? [] : [`${failedRequests} failed requests`]),
    ...(by === null ? [] : [`by ${by}`]),
    ...(reason === null ? [] : [`because ${reason}`]),
  ].join('  ');
}
