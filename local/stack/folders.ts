/** The files of a local stack, all in one folder, which can be deleted when the stack doesn't run. */
import { join, resolve } from 'node:path';

/** The folder of a local stack when none is named: under the current folder. */
export const defaultStackFolder = '.cutover';

/** The stack's folders and files, as absolute paths. */
export interface StackFolders {
  readonly root: string;
  readonly images: string;
  readonly logs: string;
  readonly aws: string;
  readonly loadBalancer: string;
  readonly platformServer: string;
  readonly temporal: string;
  /** Shared between platform and worker: here the platform puts bundles. */
  readonly targets: string;
  /** Shared as well: here the platform looks for result files. */
  readonly results: string;
  /** Shared as well: here the platform writes each application's App.config, `<key>/App.config`. */
  readonly configurations: string;
  /** The file of the secret in the hooks' URLs. */
  readonly hookSecret: string;
  /** The file of the token for LifeTime's API. */
  readonly lifeTimeToken: string;
  /** The access keys of the local AWS. */
  readonly keys: string;
  /** The copies of configurations that tasks mount; they never change. */
  readonly configurationStore: string;
  /** A Temporal profile, used instead of the one that the user may have for another server. */
  readonly temporalProfile: string;
  /** The settings, `cutover.yaml`. */
  readonly settings: string;
  /** The report of what runs now and where, `local.json`. */
  readonly report: string;
}

/** The paths are absolute. */
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
    lifeTimeToken: join(root, 'lifetime-token'),
    keys: join(root, 'keys'),
    configurations: join(root, 'configurations'),
    configurationStore: join(root, 'configuration-store'),
    temporal: join(root, 'temporal'),
    temporalProfile: join(root, 'temporal', 'profile.toml'),
    settings: join(root, 'cutover.yaml'),
    report: join(root, 'local.json'),
  };
}
