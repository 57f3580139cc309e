/** The task definition of a release: the zone's template, with the image pinned by digest and labels that tell the release. */
import type { ContainerDefinition, RegisterTaskDefinitionCommandInput } from '@aws-sdk/client-ecs';
import type { ZoneSettings } from '../settings/schema';
import type { ApplicationIdentity } from './names';
import { applicationTags, slotNames } from './names';
import { labelsOf, type Release } from './release';

export type TaskDefinition = RegisterTaskDefinitionCommandInput & { readonly family: string };

/** @param runId the run of the deployment: the same run registers one task definition, however often it tries. */
export function planTaskDefinition(
  application: ApplicationIdentity,
  release: Release,
  zone: ZoneSettings,
  runId: string,
): TaskDefinition {
  const { containerDefinitions = [], ...template } = zone.taskDefinition as Partial<RegisterTaskDefinitionCommandInput>;
  const others = containerDefinitions.filter(({ name }) => name !== zone.container.name);
  const own = containerDefinitions.find(({ name }) => name === zone.container.name);
  return {
    ...template,
    family: slotNames(application, 'a').taskDefinitionFamily,
    ...(zone.service.launchType === 'FARGATE' && { requiresCompatibilities: ['FARGATE'] }),
    containerDefinitions: [applicationContainer(own, release, zone, runId), ...others],
    tags: Object.entries(applicationTags(application)).map(([key, value]) => ({ key, value })),
  };
}

function applicationContainer(
  template: ContainerDefinition | undefined,
  release: Release,
  { container, region, taskDefinition }: ZoneSettings,
  runId: string,
): ContainerDefinition {
  const environment = Object.entries(container.environment).map(([name, value]) => ({ name, value }));
  const hostPort = taskDefinition.networkMode === 'awsvpc' ? {} : { hostPort: 0 };
  return {
    ...template,
    name: container.name,
    image: release.reference,
    essential: true,
    portMappings: template?.portMappings ?? [{ containerPort: container.port, protocol: 'tcp', ...hostPort }],
    environment: [...(template?.environment ?? []), ...environment],
    stopTimeout: container.stopTimeout / 1000,
    dockerLabels: { ...template?.dockerLabels, ...labelsOf(release, runId) },
    ...(container.logGroup !== undefined && { logConfiguration: awslogs(container.logGroup, region) }),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html */
const awslogs = (group: string, region: string) => ({
  logDriver: 'awslogs' as const,
  options: { 'awslogs-group': group, 'awslogs-region': region, 'awslogs-stream-prefix': 'cutover' },
});
