/**
 * The releases of an application: its task definitions, one a deployment, each with what its labels and tags record. ECS keeps
 * them for as long as nobody deletes them, which is longer than Temporal keeps a workflow's history.
 */
import { DescribeTaskDefinitionCommand, ListTaskDefinitionsCommand, type TaskDefinition } from '@aws-sdk/client-ecs';
import { approvalsIn } from '../../../planning/approvals/record';
import { fromEcsTags, tagKeys } from '../../../planning/names';
import { recordOf, releaseOf } from '../../../planning/release/release';
import type { ReleaseEntry } from '../../../contract/status';
import type { AwsClients } from '../client/clients';

type Ecs = AwsClients['ecs'];

/** How many releases are listed, the newest. */
const mostEntries = 50;

/** What served before a release that came back as it was; `undefined` where it never did. */
export async function describeReturn(ecs: Ecs, taskDefinition: string): Promise<string | undefined> {
  const { tags = [] } = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
  return tags.find(({ key }) => key === tagKeys.previous)?.value;
}

/**
 * Newest first. A release records which was before it: one of another family is from before a rename, and that family's releases
 * are listed too.
 * @param known families to begin with
 * @param servingArn the task definition that serves now
 */
export async function describeReleases(
  ecs: Ecs,
  known: readonly string[],
  servingArn: string | null,
): Promise<ReleaseEntry[]> {
  const entries: ReleaseEntry[] = [];
  const families = [...known];
  for (const one of families) {
    const found = await describeFamily(ecs, one, servingArn);
    entries.push(...found.flatMap((release) => release.entries));
    const earlier = found.flatMap(({ previous }) => (previous === null ? [] : [familyOf(previous)]));
    families.push(...new Set(earlier.filter((name) => !families.includes(name))));
  }
  return entries.toSorted((one, other) => other.at.localeCompare(one.at)).slice(0, mostEntries);
}

/** `arn:…:task-definition/FAMILY:REVISION` */
const familyOf = (arn: string) => arn.split('/').at(-1)?.split(':')[0] ?? '';

interface RecordedRelease {
  /** When it was deployed, and when it came back as it was. */
  readonly entries: readonly ReleaseEntry[];
  /** The ARN of the task definition that served before. */
  readonly previous: string | null;
}

async function describeFamily(ecs: Ecs, family: string, servingArn: string | null): Promise<RecordedRelease[]> {
  const { taskDefinitionArns = [] } = await ecs.send(
    new ListTaskDefinitionsCommand({ familyPrefix: family, sort: 'DESC', maxResults: mostEntries }),
  );
  const releases: RecordedRelease[] = [];
  for (const taskDefinition of taskDefinitionArns) {
    const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition, include: ['TAGS'] }));
    const tags = fromEcsTags(found.tags);
    const release = found.taskDefinition && releaseEntry(found.taskDefinition, tags, taskDefinition === servingArn);
    if (release) releases.push(release);
  }
  return releases;
}

/** `undefined` for a task definition that something else than cutover registered. */
function releaseEntry(
  { taskDefinitionArn = '', containerDefinitions = [], registeredAt = new Date(0) }: TaskDefinition,
  tags: Readonly<Record<string, string>>,
  isServing: boolean,
): RecordedRelease | undefined {
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
      ...approvalsIn(tags),
      live: isServing,
    };
    return { entries: withReturn(entry, tags), previous };
  }
  return undefined;
}

/** A release that came back as it was is listed once more, for when it did. */
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
