/** How the task definition of what a deployment starts differs from blue's, and which line of the settings wants it so. */
import type { ContainerDefinition, TaskDefinition as AwsTaskDefinition } from '@aws-sdk/client-ecs';
import { isEmpty } from '../twin/members';
import { repeatable, type TaskDefinition } from '../release/task-definitions';
import { differences } from './differences';
import { withPlaces, type PlaceOf } from './settings';

/** What a deployment writes down about itself differs each time: its run, by whom, what was before. */
const isRecord = (path: string) => /\.dockerLabels\.io\.cutover\.(?!image$|modules$)/.test(path);

/** A line a difference, `name: now → then`. @param registered blue's, as AWS has it */
export function taskDefinitionChanges(
  planned: TaskDefinition,
  registered: AwsTaskDefinition | undefined,
  placeOf?: PlaceOf,
): string[] {
  if (!registered) return ['the first one of this application'];
  const { tags: _, family: __, ...compared } = planned;
  const gone = goneFrom(compared, registered).filter((path) => !isRecord(path));
  return withPlaces([...differences(compared, registered, isRecord), ...gone.map((path) => `- ${path}`)], placeOf);
}

type Compared = Omit<TaskDefinition, 'tags' | 'family'>;

/** What blue's has and is wanted no more, as far as nobody but who registered it can have said it: the rest may be AWS's defaults. */
function goneFrom(wanted: Compared, registered: AwsTaskDefinition): string[] {
  const { networkMode, runtimePlatform, ...others } = registered;
  const said = {
    ...others,
    ...(networkMode !== 'bridge' && { networkMode }),
    ...(runtimePlatform?.operatingSystemFamily !== 'LINUX' && { runtimePlatform }),
  };
  const containers = (wanted.containerDefinitions ?? []).flatMap((container) => {
    const { name } = container;
    const there = registered.containerDefinitions?.find((one) => one.name === name);
    return there ? goneFromContainer(container, there).map((path) => `containerDefinitions.${name}.${path}`) : [];
  });
  return [
    ...goneMembers(wanted, said).filter((name) => (repeatable as readonly string[]).includes(name)),
    ...containers,
  ];
}

function goneFromContainer(wanted: ContainerDefinition, there: ContainerDefinition): string[] {
  const { essential: _, versionConsistency: __, ...said } = there;
  const [options, labels] = [wanted.logConfiguration?.options, wanted.dockerLabels];
  return [
    ...goneMembers(wanted, said),
    ...goneMembers(options, there.logConfiguration?.options).map((name) => `logConfiguration.options.${name}`),
    ...goneMembers(labels, there.dockerLabels).map((name) => `dockerLabels.${name}`),
  ];
}

/** What is said and wanted no more; nothing where all of it goes, which is told as one. */
function goneMembers(wanted: object | undefined, said: object = {}): string[] {
  const isWanted = (name: string) => !isEmpty((wanted as Readonly<Record<string, unknown>>)[name]);
  const isSaid = (value: unknown) => !isEmpty(value) && value !== 0;
  return wanted === undefined
    ? []
    : Object.entries(said).flatMap(([name, value]) => (isSaid(value) && !isWanted(name) ? [name] : []));
}
