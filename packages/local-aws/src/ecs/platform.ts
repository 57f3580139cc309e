/**
 * What Fargate runs tasks on.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-fargate.html
 */
import type { TaskDefinition } from './state';

type Definition = Pick<TaskDefinition['settings'], 'runtimePlatform'>;

/** What `LATEST` means. */
export const latestPlatformVersion = (definition: Definition | undefined): string =>
  isWindows(definition) ? '1.0.0' : '1.4.0';

/** Windows has a family for each of its editions; AWS's spelling of them is taken from the task definition. */
export const platformFamilyOf = (definition: Definition | undefined): string =>
  isWindows(definition) ? (definition?.runtimePlatform?.operatingSystemFamily ?? '') : 'Linux';

const isWindows = (definition: Definition | undefined) =>
  definition?.runtimePlatform?.operatingSystemFamily?.startsWith('WINDOWS') === true;
