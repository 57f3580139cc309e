/**
 * What Fargate refuses in a task definition, in AWS's words where they are known.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html
 */
import type { RegisterTaskDefinitionRequest } from '@aws-sdk/client-ecs';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';

type Input = Given<RegisterTaskDefinitionRequest>;

/** The memory that goes with a cpu: from `least` to `most` in steps of `step`, all in GiB. */
interface MemoryRange {
  readonly least: number;
  readonly most: number;
  readonly step: number;
}

/** By cpu units. 256 is an exception: it goes with half a GiB too. */
const sizes: Readonly<Record<number, MemoryRange>> = {
  256: { least: 1, most: 2, step: 1 },
  512: { least: 1, most: 4, step: 1 },
  1024: { least: 2, most: 8, step: 1 },
  2048: { least: 4, most: 16, step: 1 },
  4096: { least: 8, most: 30, step: 1 },
  8192: { least: 16, most: 60, step: 4 },
  16384: { least: 32, most: 120, step: 8 },
};
/** Cpu units that tasks on Windows can have. */
const windowsSizes: readonly number[] = [1024, 2048, 4096];

/** @throws {AwsError} `ClientException` when Fargate couldn't run it; a task definition for instances alone passes. */
export function checkFargate(input: Input): void {
  if (!(input.requiresCompatibilities?.includes('FARGATE') ?? false)) return;
  if (input.networkMode !== 'awsvpc') fail('ClientException', 'Fargate only supports network mode ‘awsvpc’.');
  const { cpu, memory } = input;
  if (cpu === undefined || memory === undefined)
    return fail('ClientException', "Fargate requires that 'cpu' and 'memory' be defined at the task level.");
  if (!isSize(unitsOf(cpu, 'vcpu'), unitsOf(memory, 'gb'), isWindows(input))) {
    fail(
      'ClientException',
      `No Fargate configuration exists for given values: ${unitsOf(cpu, 'vcpu')} CPU, ${unitsOf(memory, 'gb')} memory. See the Amazon ECS documentation for the valid values.`,
    );
  }
  const [unsupported] = lackingOf(input);
  if (unsupported !== undefined)
    fail('ClientException', `Fargate compatible task definitions do not support ${unsupported}`);
  if (isWindows(input) && input.volumes?.some(({ efsVolumeConfiguration: efs }) => efs !== undefined))
    fail('ClientException', 'Fargate compatible task definitions for Windows do not support efsVolumeConfiguration');
}

/** What the SDK's texts say isn't supported on Fargate. AWS's own words are known for some of it, and the others are made like them. */
function lackingOf({ volumes = [], containerDefinitions, placementConstraints = [], ...task }: Input): string[] {
  const inVolumes = volumes.flatMap((volume) => [
    ...(volume.host?.sourcePath === undefined ? [] : ['sourcePath']),
    ...(['fsxWindowsFileServerVolumeConfiguration', 'dockerVolumeConfiguration'] as const).filter(
      (member) => volume[member] !== undefined,
    ),
  ]);
  const inContainers = containerDefinitions.flatMap(({ privileged, linuxParameters }) => [
    ...(privileged === true ? ['privileged'] : []),
    ...(['sharedMemorySize', 'maxSwap', 'swappiness'] as const).filter(
      (member) => linuxParameters?.[member] !== undefined,
    ),
    ...(['devices', 'tmpfs'] as const).filter((member) => (linuxParameters?.[member]?.length ?? 0) > 0),
  ]);
  const ofTask = [
    ...(placementConstraints.length > 0 ? ['placementConstraints'] : []),
    ...(task.ipcMode === undefined ? [] : ['ipcMode']),
    // Of Linux tasks `task` is taken.
    ...(task.pidMode === undefined || (task.pidMode === 'task' && !isWindows(task)) ? [] : ['pidMode']),
  ];
  return [...inVolumes, ...inContainers, ...ofTask];
}

function isSize(cpu: number, memory: number, windows: boolean): boolean {
  const range = sizes[cpu];
  if (range === undefined || (windows && !windowsSizes.includes(cpu))) return false;
  if (cpu === 256 && memory === 512) return true;
  const gibibytes = memory / 1024;
  return gibibytes >= range.least && gibibytes <= range.most && (gibibytes - range.least) % range.step === 0;
}

/** Both can be given in units (`1024`) or in words (`1 vCPU`, `.5 GB`): 1024 units are one of the words. */
function unitsOf(text: string, word: 'vcpu' | 'gb'): number {
  const [, amount = '', named = ''] = /^\s*([\d.]+)\s*([a-z]*)\s*$/i.exec(text) ?? [];
  if (amount === '' || (named !== '' && named.toLowerCase() !== word)) return NaN;
  return Number(amount) * (named === '' ? 1 : 1024);
}

function isWindows({ runtimePlatform }: Pick<Input, 'runtimePlatform'>): boolean {
  return runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') ?? false;
}
