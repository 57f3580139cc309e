/** The task definition of a release: the zone's template, with the image pinned by digest and labels that record the release. */
import type {
  ContainerDefinition,
  NetworkMode,
  RegisterTaskDefinitionCommandInput,
  TaskDefinition as RegisteredTaskDefinition,
} from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import { networkModeOf, taskSizeOf } from '../../settings/tasks/fit';
import { runsOnFargate } from '../../settings/tasks/service';
import { containerDefaults, windowsPlatform } from '../../settings/tasks/task-definition';
import { type ApplicationIdentity, applicationTags, ecsTags, fromEcsTags, resourceTags, slotNames } from '../names';
import { tagsOfOthers, type Tags } from '../tags';
import { mountsOf, withVolumes } from './mounts';
import { labelsOf, releaseLabels, type Release, type ReleaseRecord } from './release';

export type TaskDefinition = RegisterTaskDefinitionCommandInput & { readonly family: string };

/** As it is registered, with its tags where they were asked for. */
export type TaggedTaskDefinition = RegisteredTaskDefinition & { readonly tags?: Tags };

/** Another tool's task definition that a service was adopted with: releases go on being made from it. */
export interface AdoptedTemplate {
  readonly taskDefinition: TaggedTaskDefinition;
  /** The container that its load balancer reaches. */
  readonly container: ApplicationContainer;
}

export interface ApplicationContainer {
  readonly name: string;
  readonly port: number;
}

/**
 * The zone's template with the release in it; where a service was adopted, what it was adopted with, and the zone's on top.
 * The record's run is the deployment's: the same run registers one task definition, however often it tries.
 */
export function planTaskDefinition(
  application: ApplicationIdentity,
  release: Release,
  zone: ZoneSettings,
  record: ReleaseRecord,
  adopted?: AdoptedTemplate,
): TaskDefinition {
  const given = zone.taskDefinition as Partial<RegisterTaskDefinitionCommandInput>;
  const found: Partial<RegisterTaskDefinitionCommandInput> = adopted
    ? repeatableOf(adopted.taskDefinition)
    : taskDefinitionDefaults(zone);
  const named = zone.container.name ?? containerDefaults.name;
  const name = adopted?.container.name ?? named;
  const own = [named, name].flatMap(
    (one) => given.containerDefinitions?.find((container) => container.name === one) ?? [],
  )[0];
  const others = (given.containerDefinitions ?? []).filter((one) => one.name !== named);
  const theirs = (found.containerDefinitions ?? []).find((one) => one.name === name);
  const networkMode = given.networkMode ?? found.networkMode;
  const tags = { ...tagsOfOthers(adopted?.taskDefinition.tags ?? {}, {}), ...fromEcsTags(given.tags) };
  return {
    ...found,
    ...given,
    family: slotNames(application, 'a').taskDefinitionFamily,
    ...(runsOnFargate(zone.service) && { requiresCompatibilities: given.requiresCompatibilities ?? ['FARGATE'] }),
    ...withVolumes(byName(found.volumes, given.volumes), release, zone),
    containerDefinitions: [
      applicationContainer({ ...theirs, ...own, name, ...mergedLists(theirs, own) }, release, zone, {
        record,
        networkMode,
      }),
      ...byName(found.containerDefinitions, others).filter((one) => one.name !== name),
    ],
    tags: ecsTags({ ...tags, ...resourceTags(application, zone.tags) }),
  };
}

/** What a template of the zone holds where it says nothing. */
function taskDefinitionDefaults(zone: ZoneSettings): Partial<RegisterTaskDefinitionCommandInput> {
  const networkMode = networkModeOf(zone) as NetworkMode | undefined;
  return {
    ...(zone.platform === 'windows' && { runtimePlatform: windowsPlatform }),
    ...(networkMode && { networkMode }),
    ...taskSizeOf(zone),
  };
}

/** Both lists, where the second one's entries take the place of those of the same name. */
function byName<Named extends { readonly name?: string | undefined }>(
  one: readonly Named[] = [],
  other: readonly Named[] = [],
): Named[] {
  return [...new Map([...one, ...other].map((entry) => [entry.name, entry])).values()];
}

/** What a container's lists hold by name: no name is a variable and a secret, so the second one's kind holds. */
const mergedLists = (one: Partial<ContainerDefinition> = {}, other: Partial<ContainerDefinition> = {}) => ({
  ...((one.environment ?? other.environment) && {
    environment: byName(without(one.environment, other.secrets), other.environment),
  }),
  ...((one.secrets ?? other.secrets) && { secrets: byName(without(one.secrets, other.environment), other.secrets) }),
});

const without = <Named extends { readonly name?: string | undefined }>(
  list: readonly Named[] = [],
  others: readonly { readonly name?: string | undefined }[] = [],
) => list.filter(({ name }) => !others.some((other) => other.name === name));

/** The container that a task definition's release is in, and its port. @param port that is wanted, where it has it */
export function findApplicationContainer(
  { containerDefinitions = [] }: Pick<TaskDefinition, 'containerDefinitions'>,
  port?: number,
): ApplicationContainer {
  const bearer = containerDefinitions.find(({ dockerLabels }) => dockerLabels?.[releaseLabels.image] !== undefined);
  const ports = (bearer?.portMappings ?? []).flatMap(({ containerPort }) => containerPort ?? []);
  const found = ports.find((one) => one === port) ?? ports[0] ?? port;
  return { name: bearer?.name ?? containerDefaults.name, port: found ?? containerDefaults.port };
}

/** What RegisterTaskDefinition takes of what DescribeTaskDefinition gives. */
export const repeatable = [
  'taskRoleArn',
  'executionRoleArn',
  'networkMode',
  'containerDefinitions',
  'volumes',
  'placementConstraints',
  'requiresCompatibilities',
  'cpu',
  'memory',
  'pidMode',
  'ipcMode',
  'proxyConfiguration',
  'ephemeralStorage',
  'runtimePlatform',
  'enableFaultInjection',
] as const satisfies readonly (keyof RegisteredTaskDefinition & keyof RegisterTaskDefinitionCommandInput)[];

const repeatableOf = (earlier: RegisteredTaskDefinition): Partial<RegisterTaskDefinitionCommandInput> =>
  Object.fromEntries(repeatable.flatMap((key) => (earlier[key] === undefined ? [] : [[key, earlier[key]]])));

/** An earlier task definition once more, exactly as it was, with a record of its own. */
export function repeatTaskDefinition(
  application: ApplicationIdentity,
  release: Release,
  earlier: RegisteredTaskDefinition,
  record: ReleaseRecord,
): TaskDefinition {
  const containers = earlier.containerDefinitions ?? [];
  // What another tool registered has no record yet: it gets one where its image is.
  const bearer =
    containers.find(({ dockerLabels }) => dockerLabels?.[releaseLabels.image] !== undefined) ??
    containers.find(({ image }) => image === release.reference);
  const isAdopted = bearer?.dockerLabels?.[releaseLabels.image] === undefined;
  const labels = isAdopted ? { ...record, adopted: earlier.taskDefinitionArn ?? null } : record;
  const labelled = (container: ContainerDefinition): ContainerDefinition =>
    container === bearer
      ? { ...container, dockerLabels: relabelled(container.dockerLabels ?? {}, release, labels) }
      : container;
  return {
    ...repeatableOf(earlier),
    family: slotNames(application, 'a').taskDefinitionFamily,
    containerDefinitions: containers.map(labelled),
    tags: ecsTags(applicationTags(application)),
  };
}

/** The record of the last time gives way to this time's. */
function relabelled(labels: Readonly<Record<string, string>>, release: Release, record: ReleaseRecord) {
  const { run, strategy, by, reason, previous } = releaseLabels;
  const others = Object.entries(labels).filter(
    ([key]) => ![run, strategy, by, reason, previous].some((own) => own === key),
  );
  return { ...Object.fromEntries(others), ...labelsOf(release, record) };
}

/** @param template what the container has already, of which the settings' own words change some */
function applicationContainer(
  template: Partial<ContainerDefinition>,
  release: Release,
  { container, region, ...zone }: ZoneSettings,
  { record, networkMode }: { readonly record: ReleaseRecord; readonly networkMode: string | undefined },
): ContainerDefinition {
  const environment = Object.entries(container.environment).map(([name, value]) => ({ name, value }));
  const { stopTimeout = containerDefaults.stopTimeout / 1000 } = template;
  return {
    ...template,
    image: release.reference,
    essential: true,
    portMappings: portMappings(template, container.port, networkMode),
    environment: byName(template.environment, environment),
    ...(template.secrets && { secrets: without(template.secrets, environment) }),
    ...mountsOf(template, release, zone),
    stopTimeout: container.stopTimeout === undefined ? stopTimeout : container.stopTimeout / 1000,
    dockerLabels: { ...template.dockerLabels, ...labelsOf(release, record) },
    ...(container.logGroup !== undefined && { logConfiguration: awslogs(container.logGroup, region) }),
  };
}

/** The template's own, and the wanted port where they lack it. */
function portMappings(
  { portMappings: found }: Partial<ContainerDefinition>,
  wanted: number | undefined,
  networkMode?: string,
) {
  if (found && (wanted === undefined || found.some(({ containerPort }) => containerPort === wanted))) return found;
  // Only where the container has a network of its own beside the host's can its port be mapped to another one.
  const hostPort = ['awsvpc', 'host'].includes(networkMode ?? 'bridge') ? {} : { hostPort: 0 };
  return [{ containerPort: wanted ?? containerDefaults.port, protocol: 'tcp' as const, ...hostPort }];
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
const awslogs = (group: string, region: string) => ({
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': group, 'awslogs-region': region, 'awslogs-stream-prefix': 'cutover' },
});
