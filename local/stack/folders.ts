/** Where a local stack keeps what: one folder, that can be deleted when the stack doesn't run. */
import { join, resolve } from 'node:path';

/** The folder of a local stack when none is named: under the current folder. */
export const defaultStackFolder = '.cutover';

export interface StackFolders {
  readonly root: string;
  readonly images: string;
  readonly logs: string;
  readonly aws: string;
  readonly loadBalancer: string;
  readonly platformServer: string;
  readonly temporal: string;
  /** Shared between platform and worker: where the platform puts bundles, and looks for answers. */
  readonly targets: string;
  readonly results: string;
  /** Shared as well: where the platform writes each application's App.config, `<key>/App.config`. */
  readonly configurations: string;
  /** What the hooks' URLs bear. */
  readonly hookSecret: string;
  /** The unchanging copies that tasks mount. */
  readonly configurationStore: string;
  /** A Temporal profile, in place of the one that the user may have for another server. */
  readonly temporalProfile: string;
  /** The settings, `cutover.yaml`. */
  readonly settings: string;
  /** What runs now and where: `local.json`. */
  readonly report: string;
}

export function stackFolders(folder: string = defaultStackFolder): StackFolders {
  const root = resolve(folder);
  return {
    root,
    images: join(root, 'images'),
    logs: join(root, 'logs'),
    aws: join(root, 'aws'),
    loadBalancer: join(root, 'load-balancer'),
    platformServer: join(root, 'platform-server'),
    targets: join(root, 'targets'),
    results: join(root, 'results'),
    hookSecret: join(root, 'hook-secret'),
    configurations: join(root, 'configurations'),
    configurationStore: join(root, 'configuration-store'),
    temporal: join(root, 'temporal'),
    temporalProfile: join(root, 'temporal', 'profile.toml'),
    settings: join(root, 'cutover.yaml'),
    report: join(root, 'local.json'),
  };
}
