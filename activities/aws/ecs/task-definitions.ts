/** Task definitions: registered once a run, read back for the release that they record, and tagged with what became of it. */
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  TagResourceCommand,
  type DescribeTaskDefinitionCommandInput,
  type TaskDefinition as AwsTaskDefinition,
} from '@aws-sdk/client-ecs';
import { ecsTags, fromEcsTags, tagKeys, tagValue } from '../../../planning/names';
import { approvalTags, type ApprovedRelease } from '../../../planning/approvals/record';
import type { WarmRelease } from '../../../planning/plans/deployment';
import { releaseLabels } from '../../../planning/release/release';
import type { TaggedTaskDefinition, TaskDefinition } from '../../../planning/release/task-definitions';
import type { Site } from '../../../planning/site';
import type { AwsClients } from '../client/clients';
import { isAwsError } from '../client/errors';
import { writing, type AwsDependencies } from '../dependencies';

type Ecs = AwsClients['ecs'];

export const taskDefinitionActivities = (aws: AwsDependencies) => ({
  /**
   * Registers the run's task definition; returns its ARN.
   * Effect: at most one RegisterTaskDefinition. Idempotent: the family's newest revision bears the run that registered it.
   */
  registerTaskDefinition: async (site: Site, definition: TaskDefinition): Promise<string> =>
    await registerTaskDefinition(writing(aws, site).ecs, definition),

  /**
   * Records with a release how its deployment ended.
   * Effect: one TagResource. Idempotent, but for the time, which is that of the last attempt.
   */
  async recordOutcome(site: Site, taskDefinitionArn: string, outcome: 'completed' | 'rolledBack'): Promise<void> {
    const tags = { [tagKeys.outcome]: outcome, [tagKeys.ended]: new Date().toISOString() };
    await tag(writing(aws, site).ecs, taskDefinitionArn, tags);
  },

  /**
   * Records with a release that an undo brought it back as it was: what served until then is what the next undo brings back.
   * Effect: one TagResource. Idempotent, but for the time, which is that of the last attempt.
   */
  async recordReturn(site: Site, { taskDefinitionArn, previous, by, reason }: WarmRelease): Promise<void> {
    await tag(writing(aws, site).ecs, taskDefinitionArn, {
      [tagKeys.returned]: new Date().toISOString(),
      [tagKeys.previous]: previous ?? '',
      [tagKeys.returnedBy]: tagValue(by ?? ''),
      [tagKeys.returnedReason]: tagValue(reason ?? ''),
    });
  },

  /**
   * Records with a release who approved it, before it gets live traffic.
   * Effect: one TagResource. Idempotent.
   */
  async recordApprovals(site: Site, taskDefinitionArn: string, approved: ApprovedRelease): Promise<void> {
    await tag(writing(aws, site).ecs, taskDefinitionArn, approvalTags(approved));
  },
});

export async function tag(ecs: Ecs, resourceArn: string, tags: Readonly<Record<string, string>>): Promise<void> {
  await ecs.send(new TagResourceCommand({ resourceArn, tags: ecsTags(tags) }));
}

/** The write of the activity of this name, which Container Build makes as well. */
export async function registerTaskDefinition(ecs: Ecs, definition: TaskDefinition): Promise<string> {
  const newest = await describeTaskDefinition(ecs, definition.family);
  if (newest?.taskDefinitionArn && runOf(newest) === runOf(definition)) return newest.taskDefinitionArn;
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
  return taskDefinition?.taskDefinitionArn ?? '';
}

const runOf = ({ containerDefinitions = [] }: Pick<AwsTaskDefinition, 'containerDefinitions'>) =>
  containerDefinitions.map(({ dockerLabels }) => dockerLabels?.[releaseLabels.run]).find((run) => run !== undefined);

/**
 * `undefined` when there is no such task definition.
 * @param reference an ARN, or a family for its newest revision; empty for a service that an external deployer's task sets run
 */
export async function describeTaskDefinition(ecs: Ecs, reference: string): Promise<AwsTaskDefinition | undefined> {
  return (await describe(ecs, { taskDefinition: reference }))?.taskDefinition;
}

/** As {@link describeTaskDefinition}, with its tags. */
export async function describeTagged(ecs: Ecs, reference: string): Promise<TaggedTaskDefinition | undefined> {
  const found = await describe(ecs, { taskDefinition: reference, include: ['TAGS'] });
  return found?.taskDefinition && { ...found.taskDefinition, tags: fromEcsTags(found.tags) };
}

async function describe(ecs: Ecs, input: DescribeTaskDefinitionCommandInput) {
  if (input.taskDefinition === '') return undefined;
  try {
    return await ecs.send(new DescribeTaskDefinitionCommand(input));
  } catch (failure) {
    // ECS has no error of its own for a family without revisions.
    if (isAwsError(failure, 'ClientException')) return undefined;
    throw failure;
  }
}
