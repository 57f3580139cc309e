/** The folders that a release's tasks see: the copy of its App.config, and the zone's secrets. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput, Volume } from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import type { Release } from './release';

type FolderMount = NonNullable<ZoneSettings['secrets']>['mount'];

/** A folder that every container of a task sees, read-only. */
interface MountedFolder {
  /** A local task finds the folder by the volume's name: `CUTOVER_MOUNT_CONFIGS`. */
  readonly name: string;
  readonly mount: FolderMount;
  readonly containerPath: string;
}

/** The copy of this release's App.config, and the zone's secrets. */
const foldersOf = ({ configuration: sha256 }: Release, { configuration, secrets }: ZoneSettings): MountedFolder[] => {
  const folder = (name: string, mount: FolderMount, containerPath: string) => ({ name, mount, containerPath });
  return [
    ...(sha256 !== null && configuration
      ? [folder('configs', copyOf(configuration.configurationMount, sha256), configuration.containerPath)]
      : []),
    ...(secrets ? [folder('secrets', secrets.mount, secrets.containerPath)] : []),
  ];
};

/** The template's volumes, and those of the release's folders. */
export function withVolumes(
  { volumes = [] }: Partial<RegisterTaskDefinitionCommandInput>,
  release: Release,
  zone: ZoneSettings,
): Pick<RegisterTaskDefinitionCommandInput, 'volumes'> {
  const own = foldersOf(release, zone).map(({ name, mount }) => volumeOf(name, mount));
  return own.length === 0 ? {} : { volumes: [...volumes, ...own] };
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

/** Where the application's container finds them, beside what its template mounts. */
export function mountsOf(
  template: ContainerDefinition | undefined,
  release: Release,
  zone: ZoneSettings,
): Pick<ContainerDefinition, 'mountPoints'> {
  const own = foldersOf(release, zone).map(({ name, containerPath }) => ({
    sourceVolume: name,
    containerPath,
    readOnly: true,
  }));
  return own.length === 0 ? {} : { mountPoints: [...(template?.mountPoints ?? []), ...own] };
}
