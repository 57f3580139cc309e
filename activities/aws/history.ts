/**
 * The releases of an application: its task definitions, one a deployment, each with what its labels and tags record. ECS keeps
 * them for as long as nobody deletes them, which is longer than Temporal keeps a workflow's history.
 */
import {
  DescribeTaskDefinitionCommand,
  ListTaskDefinitionsCommand,
  TagResourceCommand,
  type TaskDefinition,
} from '@aws-sdk/client-ecs';
import { tagKeys } from '../../planning/names';
import { recordOf, releaseOf } from '../../planning/release';
import type { ReleaseEntry } from '../../workflows/messages';
import type { AwsClients } from './clients';

type Ecs = AwsClients['ecs'];

/** The newest releases that are told. */
const entriesTold = 50;

/** Effect: one TagResource. Idempotent, but for the time, which is that of the last attempt. */
export async function recordOutcome(ecs: Ecs, arn: string, outcome: 'completed' | 'rolledBack'): Promise<void> {
  const tags = [
    { key: tagKeys.outcome, value: outcome },
    { key: tagKeys.ended, value: new Date().toISOString() },
  ];
  await ecs.send(new TagResourceCommand({ resourceArn: arn, tags }));
}

/** Newest first. @param liveArn the task definition that serves now */
export async function describeReleases(ecs: Ecs, family: string, liveArn: string | null): Promise<ReleaseEntry[]> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, sort: 'DESC', maxResults: entriesTold }),
  );
  const entries: ReleaseEntry[] = [];
  for (const taskDefinition of taskDefinitionArns) {
    const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
    const tags = Object.fromEntries((found.tags ?? []).map(({ key = '', value = '' }) => [key, value]));
    const entry = found.taskDefinition && releaseEntry(found.taskDefinition, tags, taskDefinition === liveArn);
    if (entry) entries.push(entry);
  }
  return entries;
}

/** `undefined` for a task definition that something else than cutover registered. */
function releaseEntry(
  { taskDefinitionArn = '', containerDefinitions = [], registeredAt = new Date(0) }: TaskDefinition,
  tags: Readonly<Record<string, string>>,
  live: boolean,
): ReleaseEntry | undefined {
  for (const { image = '', dockerLabels = {} } of containerDefinitions) {
    const release = releaseOf(image, dockerLabels);
    if (!release) continue;
    const { by, reason, strategy } = recordOf(dockerLabels);
    const outcome = tags[tagKeys.outcome];
    const ended = Date.parse(tags[tagKeys.ended] ?? '');
    return {
      taskDefinition: taskDefinitionArn,
      image: release.image,
      digest: release.digest,
      configuration: release.configuration,
      at: registeredAt.toISOString(),
      by,
      reason,
      strategy,
      outcome: outcome === 'completed' || outcome === 'rolledBack' ? outcome : null,
      seconds: Number.isNaN(ended) ? null : Math.round((ended - registeredAt.getTime()) / 1000),
      live,
    };
  }
  return undefined;
}
