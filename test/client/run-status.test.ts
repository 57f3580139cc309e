/** The status of a run that is over. */
import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { deploymentsOf } from '../../client/deployments';
import type { Serving } from '../../planning/observed/blue';

const live: Serving = { slot: 'b', servedBy: 'container', image: 'sales:1', version: '1' };
/** A run that has ended, and that today's code can't replay. */
const deploymentsAfter = (result: object) => {
  const handle = {
    workflowId: 'production/Sales',
    client: { withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask() },
    describe: async () => await Promise.resolve({ status: { name: 'COMPLETED' } }),
    query: async () => await Promise.reject(new QueryNotRegisteredError('[TMPRL1100]', grpcStatus.INVALID_ARGUMENT)),
    result: async () => await Promise.resolve(result),
  };
  const client = {
    workflow: { getHandle: () => handle },
    activity: { execute: async () => await Promise.resolve(live) },
  };
  return deploymentsOf(client as unknown as Client, async () => {});
};
const rolledBack = { strategy: 'blueGreen', image: 'sales:1', outcome: 'rolledBack', live, failure: 'It broke.' };

test('a run that today’s runbooks can’t replay is told by the result that it left', async () => {
  const deployments = deploymentsAfter(rolledBack);
  const told = { outcome: 'rolledBack', failure: 'It broke.', live };
  expect(await deployments.status({ zone: 'production', application: 'Sales' })).toMatchObject(told);
});

test('so is the one that a command was for, when it ended and cutover was upgraded just then', async () => {
  const run = { workflowId: 'production/Sales', runId: 'the run' };
  expect(await deploymentsAfter(rolledBack).statusOf(run)).toMatchObject({ outcome: 'rolledBack', live });
});

test('so is a staging', async () => {
  const staged = { from: 'Development', to: 'Production', outcome: 'completed' };
  expect(await deploymentsAfter(staged).stagings.status('Production')).toEqual(staged);
});
