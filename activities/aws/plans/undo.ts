/** Plans an undo: what serves records which release was before it, and that one is deployed as any other. */
import type { TaskDefinition } from '@aws-sdk/client-ecs';
import { planByStrategy, type PlannedDeployment } from '../../../planning/plans/by-strategy';
import { findEarlierRelease, findPrevious, findUndoable } from '../../../planning/plans/undo';
import type { Observed, ObservedApplication } from '../../../planning/observed/observed';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import type { AwsClients } from '../client/clients';
import { isForgotten } from '../ecr/images';
import { describeTaskDefinition } from '../ecs/task-definitions';
import { describeReturn } from '../questions/releases';
import type { KnownApplication } from './applications';
import { observeOwn } from './observe';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';

/**
 * The plan that brings the release before. Nobody is asked for an approval unless the request says so: that release has
 * served before, and an undo is urgent.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when there is no release before, or something stands in the way
 */
export const planUndo = (dependencies: PlanDependencies, request: RunbookRequest): Promise<PlannedDeployment> =>
  planRunbook(dependencies, 'undo', request, undoPlanner);

/** What AWS says now, with the release before the live one as the one to deploy. */
export const undoPlanner: RunbookPlanner<Observed, PlannedDeployment> = {
  read: async (clientsOf, known) => {
    const observed = await observeOwn(clientsOf(known.zone), known);
    const before = await readEarlierRelease(clientsOf(known.zone).ecs, known, observed);
    const forgotten = await isForgotten(clientsOf, before.release.reference, known.zone);
    return { ...observed, ...before, forgotten };
  },
  decide: planByStrategy,
};

/** @throws {Refusal} when no release that can be read was before the one that serves */
export async function readEarlierRelease(
  ecs: AwsClients['ecs'],
  { identity, zone }: Pick<KnownApplication, 'identity' | 'zone'>,
  observed: Pick<ObservedApplication, 'liveListener' | 'slots'>,
): Promise<Pick<Observed, 'release'> & { readonly earlier: TaskDefinition }> {
  const blue = findUndoable(identity, observed);
  const previous = findPrevious(identity, blue, {
    taskDefinition: await describeTaskDefinition(ecs, blue.taskDefinitionArn),
    returnedAfter: await describeReturn(ecs, blue.taskDefinitionArn),
  });
  return findEarlierRelease(zone, blue, previous, await describeTaskDefinition(ecs, previous));
}
