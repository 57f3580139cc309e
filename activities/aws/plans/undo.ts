/** Plans an undo: what serves records which release was before it, and that one is deployed as any other. */
import { planByStrategy, type PlannedDeployment } from '../../../planning/plans/by-strategy';
import { findEarlierRelease, findPrevious, findUndoable } from '../../../planning/plans/undo';
import type { Observed } from '../../../planning/observed/observed';
import type { RunbookRequest } from '../../../contract/runbook-requests';
import { describeTaskDefinition } from '../ecs/task-definitions';
import { describeReturn } from '../questions/releases';
import { observeOwn } from './observe';
import { planRunbook, type PlanDependencies, type RunbookPlanner } from './runbook-plan';

/**
 * The plan that brings the release before. Nobody is asked for an approval unless the request says so: that release has
 * served before, and an undo is urgent.
 * Effect: none.
 * @throws {ApplicationFailure} of type `InvalidRequest` when there is no release before, or something stands in the way
 */
export const planUndo = (dependencies: PlanDependencies, request: RunbookRequest): Promise<PlannedDeployment> =>
  planRunbook(dependencies, 'undo', { approval: 'none', ...request }, undoPlanner);

/** What AWS says now, with the release before the live one as the one to deploy. */
export const undoPlanner: RunbookPlanner<Observed, PlannedDeployment> = {
  read: async (clientsOf, { identity, zone }) => {
    const clients = clientsOf(zone);
    const observed = await observeOwn(clients, { identity, zone });
    const blue = findUndoable(identity, observed);
    const previous = findPrevious(identity, blue, {
      taskDefinition: await describeTaskDefinition(clients.ecs, blue.taskDefinitionArn),
      returnedAfter: await describeReturn(clients.ecs, blue.taskDefinitionArn),
    });
    const earlier = await describeTaskDefinition(clients.ecs, previous);
    return { ...observed, ...findEarlierRelease(zone, blue, previous, earlier) };
  },
  decide: planByStrategy,
};
