/** The folders that tasks see: how they are mounted, and which volumes a launch type and an operating system have. */
import { z } from 'zod';

const volumeRoot = z.string().min(1).max(1024);

/**
 * How tasks see a folder that they share. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html
 */
const folderMount = z.discriminatedUnion('kind', [
  /** A folder that all container instances share. */
  z.strictObject({ kind: z.literal('host'), root: volumeRoot }),
  z.strictObject({
    kind: z.literal('fsx'),
    fileSystemId: z.string().startsWith('fs-'),
    root: volumeRoot.default('/'),
    credentialsParameter: z.string().startsWith('arn:'),
    domain: z.string().min(1),
  }),
  /** Linux only. */
  z.strictObject({ kind: z.literal('efs'), fileSystemId: z.string().startsWith('fs-'), root: volumeRoot.default('/') }),
]);

export type FolderMount = z.infer<typeof folderMount>;

export const configuration = z.strictObject({
  /** Where the platform writes `<ApplicationKey>/App.config`, as the worker sees it; default `folders.config`. */
  folder: z.string().min(1).optional(),
  /** Holds an unchanging copy of each, as the worker sees it. */
  store: z.string().min(1),
  /** The store, as tasks see it. */
  configurationMount: folderMount,
  /** Where a container finds the folder with its App.config. Default `/configs`, and `c:\configs` for Windows. */
  containerPath: z.string().min(1).optional(),
});

export const secrets = z.strictObject({
  /** The folder itself, as tasks see it. */
  mount: folderMount,
  /** Where a container finds it. Default `/secrets`, and `c:\secrets` for Windows. */
  containerPath: z.string().min(1).optional(),
});

export type ConfigurationSettings = z.infer<typeof configuration>;
export type SecretsSettings = z.infer<typeof secrets>;

/** Where a zone's tasks run. */
export interface TaskPlatform {
  readonly windows: boolean;
  readonly fargate: boolean;
}

/**
 * Why tasks can't have such a volume, and what is left; `undefined` when they can.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/wfsx-volumes.html
 */
export function mountFault({ kind }: FolderMount, { windows, fargate }: TaskPlatform): string | undefined {
  if (windows && fargate)
    return 'Windows tasks on Fargate can mount no folder: set service.launchType to EC2 for host or fsx, or put the files into the image';
  if (kind === 'efs' && windows) return 'EFS volumes are for Linux only: use fsx, or a host folder, for Windows tasks';
  if (kind === 'efs' || !fargate) return kind === 'fsx' && !windows ? fsxForLinux : undefined;
  const what = kind === 'host' ? 'a folder of the host' : 'an FSx file system';
  return `tasks on Fargate can't mount ${what}: use efs, or set service.launchType to EC2`;
}

const fsxForLinux =
  'FSx for Windows File Server is for Windows tasks: use efs, or say runtimePlatform.operatingSystemFamily in taskDefinition';

/** A container path that Windows would not find; `undefined` when it would. */
export const pathFault = (path: string | undefined, { windows }: TaskPlatform): string | undefined =>
  windows && path !== undefined && !/^[A-Za-z]:[\\/]/.test(path)
    ? String.raw`expected a path with its drive, such as c:\configs: the containers are Windows`
    : undefined;

/** The folder with this name in a container of such a task. */
export const defaultPath = (name: 'configs' | 'secrets', { windows }: TaskPlatform): string =>
  windows ? `c:\\${name}` : `/${name}`;
