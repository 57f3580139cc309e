/**
 * Which copies of an application's configurations something on AWS still refers to: a task definition that is active, under the
 * application's name or an earlier one, or one that a service of it still uses.
 */
import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { slotNames, slots, type ApplicationIdentity } from '../../../planning/names';
import { recordIn } from '../../../planning/release/release';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import type { AwsDependencies } from '../dependencies';
import { describeService } from '../ecs/services';

type Ecs = AwsClients['ecs'];

/** How many task definitions are read; each that wasn't read before takes a call. */
const mostRead = 200;

/** Task definitions by ARN. None ever changes, so each is read once in a worker's life. */
export type KnownTaskDefinitions = Map<string, Referrer>;
const mostKnown = 10_000;

export interface Referrer {
  /** All of it, as text: a copy's name is nothing that stands there by chance. */
  readonly text: string;
  /** The family of the task definition that served before. */
  readonly earlier: string | null;
}

export const configurationReferenceActivities = ({ clientsOf }: AwsDependencies) => {
  const known: KnownTaskDefinitions = new Map();
  return {
    /** Of an application's copies of configurations, those that a task definition still refers to. Reads only. */
    describeConfigurationReferences: (
      site: Site,
      application: ApplicationIdentity,
      copies: readonly string[],
    ): Promise<string[]> => describeReferences({ ecs: clientsOf(site).ecs, known }, site, application, copies),
  };
};

/**
 * Those of the copies that must stay; also those of which {@link mostRead} task definitions are not enough to know.
 * Effect: none.
 */
export async function describeReferences(
  { ecs, known }: { readonly ecs: Ecs; readonly known: KnownTaskDefinitions },
  site: Pick<Site, 'cluster'>,
  application: ApplicationIdentity,
  copies: readonly string[],
): Promise<string[]> {
  const open = new Set(copies);
  const read = async (arn: string): Promise<Referrer> => {
    const found = known.get(arn) ?? (await describe(ecs, arn));
    if (known.size >= mostKnown) known.clear();
    known.set(arn, found);
    for (const copy of open) if (found.text.includes(copy)) open.delete(copy);
    return found;
  };
  for (const arn of await usedByServices(ecs, site.cluster, application)) await read(arn);
  const families = [slotNames(application, 'a').taskDefinitionFamily];
  let left = mostRead;
  for (const family of families) {
    for await (const arn of activeOf(ecs, family)) {
      if (open.size === 0 || left-- <= 0) return [...copies];
      const { earlier } = await read(arn);
      if (earlier !== null && !families.includes(earlier)) families.push(earlier);
    }
  }
  return copies.filter((copy) => !open.has(copy));
}

async function usedByServices(ecs: Ecs, cluster: string, application: ApplicationIdentity): Promise<Set<string>> {
  const services = await Promise.all(
    slots.map((slot) => describeService(ecs, cluster, slotNames(application, slot).service)),
  );
  const used = services.flatMap((service) => [service, ...(service?.deployments ?? [])]);
  return new Set(used.flatMap((one) => one?.taskDefinition ?? []));
}

/** Newest first. */
async function* activeOf(ecs: Ecs, familyPrefix: string): AsyncGenerator<string> {
  let nextToken: string | undefined;
  do {
    const page = await ecs.send(new ListTaskDefinitionsCommand({ familyPrefix, sort: 'DESC', nextToken }));
    yield* page.taskDefinitionArns ?? [];
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
}

async function describe(ecs: Ecs, taskDefinition: string): Promise<Referrer> {
  const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition }));
  return { text: JSON.stringify(found.taskDefinition), earlier: earlierFamily(found.taskDefinition) };
}

/** `arn:…:task-definition/FAMILY:REVISION` */
function earlierFamily(definition: TaskDefinition | undefined): string | null {
  return recordIn(definition).previous?.split('/').at(-1)?.split(':')[0] ?? null;
}
