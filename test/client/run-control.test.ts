/** What whoever gives a command is told when nobody takes it. */
import { ServiceError, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { status as grpcStatus } from '@grpc/grpc-js';
import { sendUpdate } from '../../client/run-control';

const refusing = (code: grpcStatus) => async () => {
  const cause = Object.assign(new Error('14'), { code, details: '', metadata: {} });
  return await Promise.reject(new ServiceError('Workflow Update failed', { cause }));
};
const unprocessed = async () => {
  const cause = ApplicationFailure.create({ message: 'unprocessed update', type: 'UnprocessedUpdate' });
  return await Promise.reject(new WorkflowUpdateFailedError('Workflow Update failed', cause));
};

async function told(calls: object): Promise<unknown> {
  const client = { withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask() };
  const handle = { workflowId: 'production/Orders', client, ...calls } as unknown as WorkflowHandle;
  return await sendUpdate(handle, 'approve', { by: 'Ana' }, () => 'Nothing runs.').catch(
    (error: Error) => error.message,
  );
}

beforeEach(() => {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 20_000));
});
afterEach(() => jest.restoreAllMocks());

const unknown =
  'Whether production/Orders has taken approve is not known: look at its status before you give it again.';

test.each([
  ['that nobody answers', refusing(grpcStatus.DEADLINE_EXCEEDED)],
  ['that its worker took with it', unprocessed],
])('a command %s names the missing worker, and that nobody knows', async (_what, executeUpdate) => {
  const describe = async () => ({ raw: {} });
  expect(await told({ describe, executeUpdate })).toBe(
    `No worker answers for production/Orders: start one with "cutover worker". ${unknown}`,
  );
});

test('a command to a Temporal that is away says so, and that nobody knows', async () => {
  const away = refusing(grpcStatus.UNAVAILABLE);
  expect(await told({ describe: away, executeUpdate: away })).toBe(
    `Temporal does not answer: see whether it runs, and whether this machine reaches it. ${unknown}`,
  );
});
