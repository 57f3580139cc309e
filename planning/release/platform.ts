/** What an image runs on, and what its tasks are: an image of Windows "has no matching platform" in a task of Linux. */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { Refusal } from '../refusal';

/** In the words of an image's configuration: `linux` or `windows`, `amd64` or `arm64`. */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  /** Of Windows, e.g. `10.0.20348`: the three numbers that a host must share. */
  readonly osVersion?: string | undefined;
}

/** https://learn.microsoft.com/en-us/virtualization/windowscontainers/deploy-containers/version-compatibility */
const windowsBuilds: Readonly<Record<string, string>> = {
  '2016': '10.0.14393',
  '2019': '10.0.17763',
  '2022': '10.0.20348',
  '2025': '10.0.26100',
};

/** ECS's defaults hold where nothing is said. */
export function platformOf(runtimePlatform: TaskDefinition['runtimePlatform'] = {}): Platform {
  const { operatingSystemFamily = 'LINUX', cpuArchitecture = 'X86_64' } = runtimePlatform;
  const architecture = cpuArchitecture === 'ARM64' ? 'arm64' : 'amd64';
  if (!operatingSystemFamily.startsWith('WINDOWS')) return { os: 'linux', architecture };
  const osVersion = windowsBuilds[/\d{4}/.exec(operatingSystemFamily)?.[0] ?? ''];
  return { os: 'windows', architecture, ...(osVersion !== undefined && { osVersion }) };
}

/** @throws {Refusal} when no task of this definition could run the image; what the registry doesn't say is no reason */
export function refuseOtherPlatform(
  { image, platform }: { readonly image: string; readonly platform?: Platform },
  { runtimePlatform, requiresCompatibilities }: Pick<TaskDefinition, 'runtimePlatform' | 'requiresCompatibilities'>,
): void {
  if (platform === undefined) return;
  // On instances of one's own an absent platform means theirs, whatever that is.
  const isSaid = runtimePlatform?.operatingSystemFamily !== undefined;
  if (!isSaid && !requiresCompatibilities?.includes('FARGATE')) return;
  const wanted = platformOf(runtimePlatform);
  if (platform.os === wanted.os && platform.architecture === wanted.architecture) return;
  const family = platform.os === 'windows' ? 'WINDOWS_SERVER_2022_CORE (or what its base image is)' : 'LINUX';
  const architecture = platform.architecture === 'arm64' ? 'ARM64' : 'X86_64';
  throw new Refusal(
    `${image} runs on ${platform.os}/${platform.architecture}, and its tasks would be ${wanted.os}/${wanted.architecture}: set runtimePlatform of the zone's taskDefinition to { operatingSystemFamily: ${family}, cpuArchitecture: ${architecture} }, or deploy another image.`,
  );
}
