/** What `cutover status` says first. */
import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { deploymentsOf } from '../../../client/deployments';
import { describeStatus } from '../../../client/text/status';
import type { DeploymentStatus } from '../../../contract/status';
import type { Live } from '../../../planning/observed/blue';

const never = (live: Live): DeploymentStatus => ({
  workflowId: 'production/Sales',
  strategy: null,
  way: null,
  image: null,
  phase: null,
  heldIn: null,
  outcome: null,
  live,
  waitingFor: null,
  deadline: null,
  afterDeadline: null,
  commands: [],
  paused: false,
  greenPercent: null,
  desired: null,
  replicas: null,
  failure: null,
  dossier: null,
  steps: [],
  ignored: [],
});

test('what serves under a new name was deployed, under the name before', () => {
  const told = (live: Live) => describeStatus(never(live)).split('\n')[0];
  expect(told({ slot: 'b', servedBy: 'container', image: 'sales:1', version: '1' })).toBe(
    'production/Sales: not deployed under this name yet',
  );
  expect(told({ slot: null, servedBy: 'platform-server', image: null, version: null })).toBe(
    'production/Sales: never deployed',
  );
});

test('a run that today’s runbooks can’t replay is told by the result that it left', async () => {
  const live: Live = { slot: 'b', servedBy: 'container', image: 'sales:1', version: '1' };
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
  const client = { workflow: { getHandle: () => handle, execute: async () => await Promise.resolve(live) } };
  const deployments = deploymentsOf(client as unknown as Client, async () => {});
  expect(await deployments.status({ zone: 'production', application: 'Sales' })).toMatchObject({
    outcome: 'rolledBack',
    failure: 'It broke.',
    live,
  });
});
