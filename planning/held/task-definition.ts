/**
 * What of a task definition gives rights on AWS or on a container instance: the settings' template says it, or a release of the
 * application has it already, as what it was adopted with and what an undo brings back. What only concerns the containers
 * themselves, as their image and their environment, is a deployment's own.
 */
import type { ContainerDefinition, TaskDefinition as RegisteredTaskDefinition } from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import { withVolumes } from '../release/mounts';
import { planTaskDefinition, type TaskDefinition } from '../release/task-definitions';
import { recordIn, releaseIn, type Release } from '../release/release';
import { differing, sameValue } from './site';

const members = [
  'taskRoleArn',
  'executionRoleArn',
  'networkMode',
  'pidMode',
  'ipcMode',
  'proxyConfiguration',
] as const satisfies readonly (keyof TaskDefinition)[];

const ofContainers = [
  'privileged',
  'linuxParameters',
  'dockerSecurityOptions',
  'repositoryCredentials',
  'credentialSpecs',
  'logConfiguration',
  'firelensConfiguration',
] as const satisfies readonly (keyof ContainerDefinition)[];

/** What is compared of a task definition that is there. */
export type Registered = Pick<RegisteredTaskDefinition, (typeof members)[number] | 'volumes' | 'containerDefinitions'>;

/**
 * How it differs, as a clause; `undefined` where it doesn't.
 * @param earlier releases of the application, and what it was adopted with
 */
export function otherTaskDefinition(
  definition: TaskDefinition,
  zone: ZoneSettings,
  earlier: readonly Registered[],
): string | undefined {
  const allowed = [templateOf(definition, zone), ...earlier];
  const member = members.find((name) =>
    isNew(
      definition[name],
      allowed.map((one) => one[name]),
    ),
  );
  if (member) return tell(member, definition[member], allowed[0]?.[member]);
  const volume = (definition.volumes ?? []).find((one) =>
    isNew(
      one,
      allowed.flatMap((has) => has.volumes ?? []),
    ),
  );
  if (volume) return `the volume ${JSON.stringify(volume)}, which the settings don't have`;
  const containers = allowed.flatMap(({ containerDefinitions = [] }) => containerDefinitions);
  for (const container of definition.containerDefinitions ?? []) {
    const own = ofContainers.find((name) =>
      isNew(
        container[name],
        containers.map((one) => one[name]),
      ),
    );
    const secret = (container.secrets ?? []).find((one) =>
      isNew(
        one,
        containers.flatMap((has) => has.secrets ?? []),
      ),
    );
    if (own) return `${own} ${JSON.stringify(container[own])} of a container, which the settings don't have`;
    if (secret) return `the secret ${secret.name}, which the settings don't have from ${secret.valueFrom}`;
  }
  return undefined;
}

/** The releases that a task definition says it comes from. */
export function comesFrom(definition: Registered): string[] {
  const { containerDefinitions } = definition;
  const { previous, adopted } = recordIn({ containerDefinitions });
  return [adopted, previous].flatMap((arn) => (arn ? [arn] : []));
}

/** What the settings alone would give the same release. */
function templateOf(definition: TaskDefinition, zone: ZoneSettings): Registered {
  const release = { ...nothing, configuration: configurationOf(definition) };
  const application = { zone: '', name: '', key: '' };
  const planned = planTaskDefinition(application, release, zone, { ...recordIn(definition), adopted: null });
  return { ...planned, ...withVolumes(planned.volumes ?? [], release, zone) };
}

const nothing: Release = { image: '', reference: '', digest: '', version: '', modules: [], configuration: null };

/** A copy's name is the sum of its content, and no path. */
function configurationOf(definition: TaskDefinition): string | null {
  const sha256 = releaseIn(definition)?.configuration ?? null;
  return sha256 !== null && /^[0-9a-f]{64}$/.test(sha256) ? sha256 : null;
}

/** What isn't given has no rights. */
const isNew = (given: unknown, allowed: readonly unknown[]): boolean =>
  given !== undefined && given !== null && !allowed.some((one) => sameValue(one, given));

const tell = (member: string, given: unknown, own: unknown) =>
  differing(member, JSON.stringify(given), own === undefined ? 'none' : JSON.stringify(own));
