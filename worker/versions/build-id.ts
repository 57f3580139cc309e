/** What tells one version of the workers from another. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { workerDeploymentName } from '../../contract/ids';
import { version } from '../../settings/version';

/** The release, and the workflow code's own digest: `0.1.0-3f2a91c04d5e`. Two workers of one build have the same. */
export function buildIdOf(bundlePath: string): string {
  const [code = ''] = readFileSync(bundlePath, 'utf8').split('//# sourceMappingURL=');
  return `${version}-${createHash('sha256').update(code).digest('hex').slice(0, 12)}`;
}

/** What makes a worker one of a version: it stays with what it began, until `cutover upgrade` moves that. */
export const versioned = (buildId: string) => ({
  workerDeploymentOptions: {
    useWorkerVersioning: true as const,
    version: { deploymentName: workerDeploymentName, buildId },
    defaultVersioningBehavior: 'PINNED' as const,
  },
});
