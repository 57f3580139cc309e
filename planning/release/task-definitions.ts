/** The task definition of a release: the zone's template, with the image pinned by digest and labels that record the release. */
import type {
  ContainerDefinition,
  RegisterTaskDefinitionCommandInput,
  TaskDefinition as RegisteredTaskDefinition,
} from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../../settings/schema';
import { type ApplicationIdentity, applicationTags, ecsTags, slotNames } from '../names';
import { mountsOf, withVolumes } from './mounts';
import { labelsOf, releaseLabels, type Release, type ReleaseRecord } from './release';

export type TaskDefinition = RegisterTaskDefinitionCommandInput & { readonly family: string };

/** The record's run is the deployment's: the same run registers one task definition, however often it tries. */
export function planTaskDefinition(
  application: ApplicationIdentity,
  release: Release,
  zone: ZoneSettings,
  record: ReleaseRecord,
): TaskDefinition {
  const { containerDefinitions = [], ...template } = zone.taskDefinition as Partial<RegisterTaskDefinitionCommandInput>;
  const others = containerDefinitions.filter(({ name }) => name !== zone.container.name);
  const own = containerDefinitions.find(({ name }) => name === zone.container.name);
  return {
    ...template,
    family: slotNames(application, 'a').taskDefinitionFamily,
    ...(zone.service.launchType === 'FARGATE' && { requiresCompatibilities: ['FARGATE'] }),
    ...withVolumes(template, release, zone),
    containerDefinitions: [applicationContainer(own, release, zone, record), ...others],
    tags: ecsTags(applicationTags(application)),
  };
}

/** What RegisterTaskDefinition takes of what DescribeTaskDefinition gives. */
const repeatable = [
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

/** An earlier task definition once more, exactly as it was, with a record of its own. */
export function repeatTaskDefinition(
  application: ApplicationIdentity,
  release: Release,
  earlier: RegisteredTaskDefinition,
  record: ReleaseRecord,
): TaskDefinition {
  const repeated = Object.fromEntries(
    repeatable.flatMap((key) => (earlier[key] === undefined ? [] : [[key, earlier[key]]])),
  );
  const containers = earlier.containerDefinitions ?? [];
  // What another tool registered has no record yet: it gets one where its image is.
  const bearer =
    containers.find(({ dockerLabels }) => dockerLabels?.[releaseLabels.image] !== undefined) ??
    containers.find(({ image }) => image === release.reference);
  const labelled = (container: ContainerDefinition): ContainerDefinition =>
    container === bearer
      ? { ...container, dockerLabels: relabelled(container.dockerLabels ?? {}, release, record) }
      : container;
  return {
    ...repeated,
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

function applicationContainer(
  template: ContainerDefinition | undefined,
  release: Release,
  zone: ZoneSettings,
  record: ReleaseRecord,
): ContainerDefinition {
  const { container, region, taskDefinition } = zone;
  const environment = Object.entries(container.environment).map(([name, value]) => ({ name, value }));
  // Only where the container has a network of its own beside the host's can its port be mapped to another one.
  const hostPort = ['awsvpc', 'host'].includes(taskDefinition.networkMode) ? {} : { hostPort: 0 };
  return {
    ...template,
    name: container.name,
    image: release.reference,
    essential: true,
    portMappings: template?.portMappings ?? [{ containerPort: container.port, protocol: 'tcp', ...hostPort }],
    environment: [...(template?.environment ?? []), ...environment],
    ...mountsOf(template, release, zone),
    stopTimeout: container.stopTimeout / 1000,
    dockerLabels: { ...template?.dockerLabels, ...labelsOf(release, record) },
    ...(container.logGroup !== undefined && { logConfiguration: awslogs(container.logGroup, region) }),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
const awslogs = (group: string, region: string) => ({
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': group, 'awslogs-region': region, 'awslogs-stream-prefix': 'cutover' },
});
