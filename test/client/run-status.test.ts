/** The status of a run that is over. */
import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { deploymentsOf } from '../../client/deployments';
import type { Serving } from '../../planning/observed/blue';

test('a run that today’s runbooks can’t replay is told by the result that it left', async () => {
  const live: Serving = { slot: 'b', servedBy: 'container', image: 'sales:1', version: '1' };
  const handle = {
    workflowId: 'production/Sales',
    client: { withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask() },
    describe: async () => await Promise.resolve({ status: { name: 'COMPLETED' } }),
    query: async () => await Promise.reject(new QueryNotRegisteredError('[TMPRL1100]', grpcStatus.INVALID_ARGUMENT)),
    result: async () =>
      await Promise.resolve({
        strategy: 'blueGreen',
        image: 'sales:1',
        outcome: 'rolledBack',
        live,
        failure: 'It broke.',
      }),
  };
  const client = {
    workflow: { getHandle: () => handle },
    activity: { execute: async () => await Promise.resolve(live) },
  };
  const deployments = deploymentsOf(client as unknown as Client, async () => {});
  expect(await deployments.status({ zone: 'production', application: 'Sales' })).toMatchObject({
    outcome: 'rolledBack',
    failure: 'It broke.',
    live,
  });
});
