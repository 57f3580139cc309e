/**
 * The releases of an application: its task definitions, one a deployment, each with what its labels and tags record. ECS keeps
 * them for as long as nobody deletes them, which is longer than Temporal keeps a workflow's history.
 */
import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { tagKeys } from '../../../planning/names';
import { recordOf, releaseOf } from '../../../planning/release/release';
import type { ReleaseEntry } from '../../../contract/status';
import type { AwsClients } from '../client/clients';

type Ecs = AwsClients['ecs'];

/** The newest releases that are told. */
const entriesTold = 50;

/** What served before a release that came back as it was; `undefined` where it never did. */
export async function describeReturn(ecs: Ecs, taskDefinition: string): Promise<string | undefined> {
  const { tags = [] } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
  return tags.find(({ key }) => key === tagKeys.previous)?.value;
}

/**
 * Newest first. A release says which was before it: one of another family is from before a rename, and that family is told too.
 * @param liveArn the task definition that serves now
 */
export async function describeReleases(ecs: Ecs, family: string, liveArn: string | null): Promise<ReleaseEntry[]> {
  const entries: ReleaseEntry[] = [];
  const families = [family];
  for (const one of families) {
    const found = await describeFamily(ecs, one, liveArn);
    entries.push(...found.flatMap((release) => release.entries));
    const earlier = found.flatMap(({ previous }) => (previous === null ? [] : [familyOf(previous)]));
    families.push(...new Set(earlier.filter((name) => !families.includes(name))));
  }
  return entries.toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, entriesTold);
}

/** `arn:…:task-definition/FAMILY:REVISION` */
const familyOf = (arn: string) => arn.split('/').at(-1)?.split(':')[0] ?? '';

interface ToldRelease {
  /** When it was deployed, and when it came back as it was. */
  readonly entries: readonly ReleaseEntry[];
  /** The ARN of the task definition that served before. */
  readonly previous: string | null;
}

async function describeFamily(ecs: Ecs, family: string, liveArn: string | null): Promise<ToldRelease[]> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, sort: 'DESC', maxResults: entriesTold }),
  );
  const told: ToldRelease[] = [];
  for (const taskDefinition of taskDefinitionArns) {
    const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
    const tags = Object.fromEntries((found.tags ?? []).map(({ key = '', value = '' }) => [key, value]));
    const release = found.taskDefinition && releaseEntry(found.taskDefinition, tags, taskDefinition === liveArn);
    if (release) told.push(release);
  }
  return told;
}

/** `undefined` for a task definition that something else than cutover registered. */
function releaseEntry(
  { taskDefinitionArn = '', containerDefinitions = [], registeredAt = new Date(0) }: TaskDefinition,
  tags: Readonly<Record<string, string>>,
  live: boolean,
): ToldRelease | undefined {
  for (const { image = '', dockerLabels = {} } of containerDefinitions) {
    const release = releaseOf(image, dockerLabels);
    if (!release) continue;
    const { by, reason, strategy, previous } = recordOf(dockerLabels);
    const outcome = tags[tagKeys.outcome];
    const ended = Date.parse(tags[tagKeys.ended] ?? '');
    const entry: ReleaseEntry = {
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
      failedRequests: null,
      live,
    };
    return { entries: withReturn(entry, tags), previous };
  }
  return undefined;
}

/** A release that came back as it was is told once more, for when it did. */
function withReturn(entry: ReleaseEntry, tags: Readonly<Record<string, string>>): ReleaseEntry[] {
  const at = tags[tagKeys.returned];
  if (at === undefined) return [entry];
  const by = tags[tagKeys.returnedBy] || null;
  const reason = tags[tagKeys.returnedReason] || null;
  return [
    { ...entry, live: false },
    { ...entry, at, strategy: 'undo', by, reason, outcome: 'completed', seconds: null },
  ];
}
