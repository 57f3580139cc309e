/** The folders that a release's tasks see: the copy of its App.config, and the zone's secrets. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import type { Release } from './release';

type FolderMount = NonNullable<ZoneSettings['secrets']>['mount'];
type FolderSettings = Pick<ZoneSettings, 'configuration' | 'secrets'>;

/** A folder that every container of a task sees, read-only. */
interface MountedFolder {
  /** A local task finds the folder by the volume's name: `CUTOVER_MOUNT_CONFIGS`. */
  readonly name: string;
  readonly mount: FolderMount;
  readonly containerPath: string;
}

/** The copy of this release's App.config, and the zone's secrets. */
const foldersOf = ({ configuration: sha256 }: Release, { configuration, secrets }: FolderSettings): MountedFolder[] => {
  const folder = (name: string, mount: FolderMount, containerPath: string) => ({ name, mount, containerPath });
  return [
    ...(sha256 !== null && configuration
      ? [folder('configs', copyOf(configuration.configurationMount, sha256), configuration.containerPath)]
      : []),
    ...(secrets ? [folder('secrets', secrets.mount, secrets.containerPath)] : []),
  ];
};

/** The template's volumes, and those of the release's folders in the place of any of the same names. */
export function withVolumes(
  volumes: readonly Volume[],
  release: Release,
  zone: FolderSettings,
): Pick<RegisterTaskDefinitionCommandInput, 'volumes'> {
  const own = foldersOf(release, zone).map(({ name, mount }) => volumeOf(name, mount));
  const others = volumes.filter(({ name }) => !own.some((one) => one.name === name));
  return own.length + others.length === 0 ? {} : { volumes: [...others, ...own] };
}

function copyOf(mount: FolderMount, sha256: string): FolderMount {
  const separator = mount.root.includes('\\') ? '\\' : '/';
  return { ...mount, root: `${mount.root.replace(/[\\/]+$/, '')}${separator}${sha256}` };
}

function volumeOf(name: string, mount: FolderMount): Volume {
  switch (mount.kind) {
    case 'host':
      return { name, host: { sourcePath: mount.root } };
    case 'efs':
      return {
        name,
        efsVolumeConfiguration: {
          fileSystemId: mount.fileSystemId,
          rootDirectory: mount.root,
          transitEncryption: 'ENABLED',
        },
      };
    case 'fsx':
      return {
        name,
        fsxWindowsFileServerVolumeConfiguration: {
          fileSystemId: mount.fileSystemId,
          rootDirectory: mount.root,
          authorizationConfig: { credentialsParameter: mount.credentialsParameter, domain: mount.domain },
        },
      };
  }
}

/** Where the application's container finds them, beside what its template mounts elsewhere. */
export function mountsOf(
  { mountPoints = [] }: Partial<ContainerDefinition>,
  release: Release,
  zone: FolderSettings,
): Pick<ContainerDefinition, 'mountPoints'> {
  const own = foldersOf(release, zone).map(({ name, containerPath }) => ({
    sourceVolume: name,
    containerPath,
    readOnly: true,
  }));
  const others = mountPoints.filter(({ sourceVolume }) => !own.some((one) => one.sourceVolume === sourceVolume));
  return own.length === 0 ? {} : { mountPoints: [...others, ...own] };
}
