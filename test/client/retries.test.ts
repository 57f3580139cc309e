/** Who is missing when no answer comes. */
import { QueryNotRegisteredError, type WorkflowHandle, ServiceError } from '@temporalio/client';
import { status as grpcStatus } from '@grpc/grpc-js';
import { askRun, describeRun, resultOf } from '../../client/retries';

const answers = (code: grpcStatus) => async () => {
  const cause = Object.assign(new Error('14'), { code, details: '', metadata: {} });
  return await Promise.reject(new ServiceError('It failed', { cause }));
};
const unavailable = answers(grpcStatus.UNAVAILABLE);
const runs = { status: { name: 'RUNNING' }, raw: {} };
const handleOf = (calls: object) =>
  ({
    workflowId: 'production/Orders',
    client: { withDeadline: async (_: number, ask: () => Promise<unknown>) => await ask() },
    ...calls,
  }) as unknown as WorkflowHandle;

beforeEach(() => {
  let now = 0;
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 20_000));
});
afterEach(() => jest.restoreAllMocks());

test('a Temporal that is away is not taken for a missing worker', async () => {
  const handle = handleOf({ describe: unavailable, query: unavailable });
  await expect(askRun(handle)).rejects.toThrow(/^Temporal does not answer: see whether it runs/);
  await expect(describeRun(handle)).rejects.toMatchObject({ name: 'Refused', goesOn: 'as soon as it does' });
});

test('a worker that is away is told while Temporal answers', async () => {
  const handle = handleOf({ describe: async () => runs, query: answers(grpcStatus.DEADLINE_EXCEEDED) });
  await expect(askRun(handle)).rejects.toThrow(/^No worker answers for production\/Orders: start one/);
});

const ofAnotherVersion = async () =>
  await Promise.reject(
    new QueryNotRegisteredError('[TMPRL1100] Nondeterminism error: Activity type of scheduled event', 3),
  );

test('a version that an upgrade tries a run with, and that can’t go on with it, is no answer: the run is asked again', async () => {
  let [now, asked] = [0, 0];
  jest.spyOn(performance, 'now').mockImplementation(() => (now += 100));
  const query = async () => (++asked < 3 ? await ofAnotherVersion() : { phase: 'settle' });
  expect(await askRun(handleOf({ describe: async () => runs, query }))).toEqual({ phase: 'settle' });
});

test('where no other version comes, it is told; a workflow that has no such question is not asked again', async () => {
  const described = { describe: async () => runs };
  await expect(askRun(handleOf({ ...described, query: ofAnotherVersion }))).rejects.toThrow(
    /^The workers that were asked for production\/Orders are of a version that can't go on with it: start one/,
  );
  const query = jest.fn(async () => await Promise.reject(new QueryNotRegisteredError('did not register a handler', 3)));
  await expect(askRun(handleOf({ ...described, query }))).rejects.toThrow(/did not register/);
  expect(query).toHaveBeenCalledTimes(1);
});

test('one that has ended is taken over by no version, and is asked once', async () => {
  const query = jest.fn(ofAnotherVersion);
  const describe = async () => ({ ...runs, status: { name: 'COMPLETED' } });
  expect(await askRun(handleOf({ describe, query }))).toBeUndefined();
  expect(query).toHaveBeenCalledTimes(1);
});

test('following outlasts a Temporal that is away for longer than its client tries', async () => {
  let asked = 0;
  const handle = handleOf({ result: async () => (++asked < 3 ? await unavailable() : 'over') });
  expect(await resultOf(handle)).toBe('over');
});
