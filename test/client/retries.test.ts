/** Who is missing when no answer comes. */
import { type WorkflowHandle, ServiceError } from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { askRun, describeRun, resultOf } from '../../client/retries';

const answers = (code: grpcStatus) => async () => {
  const cause = Object.assign(new Error('14'), { code, details: '', metadata: {} });
  return await Promise.reject(new ServiceError('It failed', { cause }));
};
const unavailable = answers(grpcStatus.UNAVAILABLE);
const handleOf = (calls: object) =>
  ({
    workflowId: 'production/Orders',
    client: { withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask() },
    ...calls,
  }) as unknown as WorkflowHandle;

beforeEach(() => {
  let now = 0;
  jest.spyOn(Date, 'now').mockImplementation(() => (now += 20_000));
});
afterEach(() => jest.restoreAllMocks());

test('a Temporal that is away is not taken for a missing worker', async () => {
  const handle = handleOf({ describe: unavailable, query: unavailable });
  await expect(askRun(handle)).rejects.toThrow(/^Temporal does not answer: see whether it runs/);
  await expect(describeRun(handle)).rejects.toMatchObject({ name: 'Refused', goesOn: 'as soon as it does' });
});

test('a worker that is away is told while Temporal answers', async () => {
  const handle = handleOf({ describe: async () => ({ raw: {} }), query: answers(grpcStatus.DEADLINE_EXCEEDED) });
  await expect(askRun(handle)).rejects.toThrow(/^No worker answers for production\/Orders: start one/);
});

test('following outlasts a Temporal that is away for longer than its client tries', async () => {
  let asked = 0;
  const handle = handleOf({ result: async () => (++asked < 3 ? await unavailable() : 'over') });
  expect(await resultOf(handle)).toBe('over');
});
