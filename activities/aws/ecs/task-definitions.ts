/** Task definitions: registered once a run, and read back for the release that they record. */
import {
  DescribeTaskDefinitionCommand,
  RegisterTaskDefinitionCommand,
  type TaskDefinition as AwsTaskDefinition,
} from '@aws-sdk/client-ecs';
import { releaseIn, releaseLabels } from '../../../planning/release/release';
import type { TaskDefinition } from '../../../planning/release/task-definitions';
import type { AwsClients } from '../client/clients';
import { isAwsError } from '../client/errors';

type Ecs = AwsClients['ecs'];

/**
 * The ARN of the run's task definition.
 * Effect: at most one RegisterTaskDefinition. Idempotent: the family's newest revision bears the run that registered it.
 */
export async function registerTaskDefinition(ecs: Ecs, definition: TaskDefinition): Promise<string> {
  const newest = await describeTaskDefinition(ecs, definition.family);
  if (newest?.taskDefinitionArn && runOf(newest) === runOf(definition)) return newest.taskDefinitionArn;
  const { taskDefinition } = await ecs.send(new RegisterTaskDefinitionCommand(definition));
  return taskDefinition?.taskDefinitionArn ?? '';
}

const runOf = ({ containerDefinitions = [] }: Pick<AwsTaskDefinition, 'containerDefinitions'>) =>
  containerDefinitions.map(({ dockerLabels }) => dockerLabels?.[releaseLabels.run]).find((run) => run !== undefined);

/** @param reference a family (its newest revision) or an ARN; `undefined` when there is none */
export async function describeTaskDefinition(ecs: Ecs, reference: string): Promise<AwsTaskDefinition | undefined> {
  try {
    const found = await ecs.send(new DescribeTaskDefinitionCommand({ taskDefinition: reference }));
    return found.taskDefinition;
  } catch (failure) {
    // ECS has no error of its own for a family without revisions.
    if (isAwsError(failure, 'ClientException')) return undefined;
    throw failure;
  }
}

/** The image that a task definition records; `null` when something else than cutover registered it. */
export async function recordedImage(ecs: Ecs, reference: string): Promise<string | null> {
  const found = await describeTaskDefinition(ecs, reference);
  return (found && releaseIn(found)?.image) ?? null;
}
