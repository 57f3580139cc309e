/** Reads what the way back without Temporal is planned from, and makes its plan. */
import { planReturn, type RecordedBefore, type ReturnPlan } from '../../../planning/returning/return';
import { rulesNow } from '../../../planning/returning/rules-now';
import { recordIn, releaseIn } from '../../../planning/release/release';
import { tagKeys } from '../../../planning/names';
import { DescribeTaskDefinitionCommand } from '@aws-sdk/client-ecs';
import type { AwsClients } from '../client/clients';
import { findApplication, type ApplicationDependencies } from './applications';
import { observeOwn } from './observe';
import { planRequestOf, refusing } from './runbook-plan';

/**
 * Effect: none.
 * @param runId what the writes are made under
 * @throws {ApplicationFailure} of type `InvalidRequest` when it can't be told for certain what served before
 */
export async function planReturnOf(
  dependencies: ApplicationDependencies,
  workflowId: string,
  runId: string,
): Promise<ReturnPlan> {
  const known = await findApplication(dependencies, workflowId);
  const clients = dependencies.clientsOf(known.zone);
  return await refusing(async () => {
    const observed = await observeOwn(clients, known);
    const { green } = rulesNow(known.identity, observed);
    const before = await readBefore(clients.ecs, green.taskDefinitionArn);
    return planReturn(planRequestOf(known, 'undo', {}, runId), observed, before);
  });
}

/** What a task definition, its labels and its tags, records of the deployment that made it. */
async function readBefore(ecs: AwsClients['ecs'], taskDefinitionArn: string): Promise<RecordedBefore> {
  const { taskDefinition, tags = [] } = await ecs.send(
    new DescribeTaskDefinitionCommand({ taskDefinition: taskDefinitionArn, include: ['TAGS'] }),
  );
  const tagged = (key: string) => tags.find((tag) => tag.key === key)?.value;
  const over = tagged(tagKeys.outcome) !== undefined;
  if (!taskDefinition || !releaseIn(taskDefinition)) return { previous: null, over };
  return { previous: tagged(tagKeys.previous) ?? recordIn(taskDefinition).previous ?? '', over };
}
