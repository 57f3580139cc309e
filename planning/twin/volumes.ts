/** Volumes that are configured at launch: the task definition names them, and the service says what they are. */
import type { ServiceSettings } from '../observed/observed';
import { Refusal } from '../refusal';
import type { TaskDefinition } from '../release/task-definitions';

/** @throws {Refusal} when one of the two has a volume that the other one lacks, which AWS refuses */
export function refuseLaunchVolumes(
  { volumes = [], family }: Pick<TaskDefinition, 'volumes' | 'family'>,
  { volumeConfigurations = [] }: ServiceSettings,
): void {
  const named = volumes.filter(({ configuredAtLaunch }) => configuredAtLaunch === true).map(({ name }) => name);
  const configured = volumeConfigurations.map(({ name }) => name);
  const open = named.find((name) => !configured.includes(name));
  if (open !== undefined)
    throw new Refusal(
      `Volume ${open} of task definition ${family} is configured at launch, and nothing says how: add it to the zone's service.volumeConfigurations.`,
    );
  const needless = configured.find((name) => !named.includes(name));
  if (needless !== undefined)
    throw new Refusal(
      `The service's volumeConfigurations have ${needless}, which is no volume of task definition ${family} that is configured at launch: add it to taskDefinition.volumes, or take it out.`,
    );
}
