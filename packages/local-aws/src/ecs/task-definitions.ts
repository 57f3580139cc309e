/** The operations on task definitions. A revision never changes, and can still be described when it is deregistered. */
import type {
  ContainerDefinition,
  DeregisterTaskDefinitionRequest,
  DeregisterTaskDefinitionResponse,
  DescribeTaskDefinitionRequest,
  DescribeTaskDefinitionResponse,
  ListTaskDefinitionFamiliesRequest,
  ListTaskDefinitionFamiliesResponse,
  ListTaskDefinitionsRequest,
  ListTaskDefinitionsResponse,
  RegisterTaskDefinitionRequest,
  RegisterTaskDefinitionResponse,
  TaskDefinition as TaskDefinitionDescription,
} from '@aws-sdk/client-ecs';
import type { Given } from '../operations';
import { fail } from '../protocol/errors';
import { accountId, arnOf } from '../scope';
import { findTaskDefinition, pageOf, type Ecs } from './ecs';
import { checkFargate } from './fargate';
import { requiredAttributes } from './required-attributes';
import type { TaskDefinition } from './state';
import { setTags, tagsOf } from './tags';

/** The size of a whole task definition, in bytes. https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const longestDefinition = 64 * 1024;

/**
 * Registers the next revision of its family.
 * @throws {AwsError} with code `ClientException`
 */
export function registerTaskDefinition(
  ecs: Ecs,
  input: Given<RegisterTaskDefinitionRequest>,
): RegisterTaskDefinitionResponse {
  const { tags, ...given } = input;
  checkTaskDefinition(input);
  const revisions = Object.values(ecs.state.taskDefinitions).filter(({ family }) => family === input.family);
  const revision = Math.max(0, ...revisions.map((known) => known.revision)) + 1;
  const arn = arnOf(ecs.scope, 'ecs', `task-definition/${input.family}:${revision}`);
  setTags(ecs, arn, tags);
  const settings = {
    ...given,
    containerDefinitions: input.containerDefinitions.map((one) => withDefaults(one, input)),
  };
  const { family } = input;
  const registered: TaskDefinition = { arn, family, revision, status: 'ACTIVE', registeredAt: ecs.now(), settings };
  ecs.state.taskDefinitions[arn] = registered;
  return { taskDefinition: describe(registered), tags: tagsOf(ecs, arn) };
}

export function deregisterTaskDefinition(
  ecs: Ecs,
  input: Given<DeregisterTaskDefinitionRequest>,
): DeregisterTaskDefinitionResponse {
  if (!/:\d+$/.test(input.taskDefinition))
    fail('InvalidParameterException', 'Task definition revision must be specified.');
  const found =
    findTaskDefinition(ecs, input.taskDefinition) ??
    fail(
      'ClientException',
      'The specified task definition does not exist. Specify a valid account, family, revision and try again.',
    );
  found.status = 'INACTIVE';
  found.deregisteredAt ??= ecs.now();
  return { taskDefinition: describe(found) };
}

export function describeTaskDefinition(
  ecs: Ecs,
  input: Given<DescribeTaskDefinitionRequest>,
): DescribeTaskDefinitionResponse {
  const found =
    findTaskDefinition(ecs, input.taskDefinition) ?? fail('ClientException', 'Unable to describe task definition.');
  const tags = input.include?.includes('TAGS') ? tagsOf(ecs, found.arn) : [];
  return { taskDefinition: describe(found), tags };
}

export function listTaskDefinitions(ecs: Ecs, input: ListTaskDefinitionsRequest): ListTaskDefinitionsResponse {
  const found = Object.values(ecs.state.taskDefinitions)
    .filter(({ family }) => input.familyPrefix === undefined || family === input.familyPrefix)
    .filter(({ status }) => status === (input.status ?? 'ACTIVE'))
    .toSorted((one, other) => one.family.localeCompare(other.family) || one.revision - other.revision);
  const { items, ...next } = pageOf(input.sort === 'DESC' ? found.toReversed() : found, input);
  return { taskDefinitionArns: items.map(({ arn }) => arn), ...next };
}

export function listTaskDefinitionFamilies(
  ecs: Ecs,
  input: ListTaskDefinitionFamiliesRequest,
): ListTaskDefinitionFamiliesResponse {
  const all = Object.values(ecs.state.taskDefinitions);
  const active = new Set(all.filter(({ status }) => status === 'ACTIVE').map(({ family }) => family));
  const families = [...new Set(all.map(({ family }) => family))]
    .filter((family) => input.familyPrefix === undefined || family.startsWith(input.familyPrefix))
    .filter(
      (family) =>
        (input.status ?? 'ACTIVE') === 'ALL' || active.has(family) === ((input.status ?? 'ACTIVE') === 'ACTIVE'),
    )
    .toSorted();
  const { items, ...next } = pageOf(families, input);
  return { families: items, ...next };
}

function checkTaskDefinition(input: Given<RegisterTaskDefinitionRequest>): void {
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(input.family)) fail('ClientException', 'Family contains invalid characters.');
  const containers = input.containerDefinitions;
  if (containers.length === 0) fail('ClientException', 'Container list cannot be empty.');
  for (const container of containers) checkContainer(container, input);
  if (new Set(containers.map(({ name }) => name)).size < containers.length)
    fail('ClientException', 'Duplicate container names found.');
  if (containers.every(({ essential }) => essential === false)) {
    fail('ClientException', 'Invalid setting for containers. At least one container must be essential.');
  }
  checkFargate(input);
  const length = Buffer.byteLength(JSON.stringify(input));
  if (length > longestDefinition)
    fail('ClientException', `Actual length: '${length}'. Max allowed length is '${longestDefinition}' bytes.`);
}

function checkContainer(container: ContainerDefinition, task: Given<RegisterTaskDefinitionRequest>): void {
  const { name = '', image = '' } = container;
  if (name === '') fail('ClientException', 'Container.name should not be null or empty.');
  if (!/^[A-Za-z0-9_-]{1,255}$/.test(name)) fail('ClientException', `Invalid name for container '${name}'.`);
  if (image === '') fail('ClientException', 'Container.image should not be null or empty.');
  if (task.memory === undefined && container.memory === undefined && container.memoryReservation === undefined) {
    fail(
      'ClientException',
      `Invalid setting for container '${name}'. At least one of 'memory' or 'memoryReservation' must be specified.`,
    );
  }
  const volumes = (task.volumes ?? []).map((volume) => volume.name);
  for (const { sourceVolume } of container.mountPoints ?? []) {
    if (!volumes.includes(sourceVolume)) fail('ClientException', `Unknown volume '${sourceVolume}'.`);
  }
  for (const { containerPort, hostPort = containerPort } of container.portMappings ?? []) {
    const sharesPorts = task.networkMode === 'awsvpc' || task.networkMode === 'host';
    if (sharesPorts && hostPort !== containerPort) {
      fail(
        'ClientException',
        `When networkMode=${task.networkMode}, the host ports and container ports in port mappings must match.`,
      );
    }
  }
  const variables = (container.environment ?? []).map((variable) => variable.name);
  const shared = container.secrets?.find((secret) => variables.includes(secret.name));
  if (shared !== undefined) {
    fail(
      'ClientException',
      `The secret name must be unique and not shared with any new or existing environment variables set on the container, such as '${shared.name}'.`,
    );
  }
}

function withDefaults(container: ContainerDefinition, task: Given<RegisterTaskDefinitionRequest>): ContainerDefinition {
  const sharesPorts = task.networkMode === 'awsvpc' || task.networkMode === 'host';
  const portMappings = (container.portMappings ?? []).map((mapping) => ({
    ...mapping,
    hostPort: mapping.hostPort ?? (sharesPorts ? mapping.containerPort : 0),
    protocol: mapping.protocol ?? ('tcp' as const),
  }));
  return {
    cpu: 0,
    essential: true,
    environment: [],
    mountPoints: [],
    volumesFrom: [],
    systemControls: [],
    ...container,
    portMappings,
  };
}

function describe(definition: TaskDefinition): TaskDefinitionDescription {
  return {
    volumes: [],
    placementConstraints: [],
    requiresAttributes: requiredAttributes(definition.settings),
    networkMode: 'bridge',
    ...definition.settings,
    taskDefinitionArn: definition.arn,
    revision: definition.revision,
    status: definition.status,
    compatibilities: definition.settings.networkMode === 'awsvpc' ? ['EC2', 'FARGATE'] : ['EC2'],
    registeredAt: new Date(definition.registeredAt),
    registeredBy: `arn:aws:iam::${accountId}:user/local`,
    ...(definition.deregisteredAt === undefined ? {} : { deregisteredAt: new Date(definition.deregisteredAt) }),
  };
}
