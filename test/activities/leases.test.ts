/** What keeps a write from landing after somebody else's: it is made under a lease, or not at all. */
import { UpdateServiceCommand, DescribeServicesCommand } from '@aws-sdk/client-ecs';
import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClients } from '../../activities/aws/client/clients';
import { createLimiter } from '../../activities/aws/client/limiter';
import { leaseLeftMs, underLease, type ConfirmAttempt } from '../../activities/leases';
import { testCredentials } from '../../packages/local-aws/test/local-aws';

let aws: Server;
let arrived: string[];

/** Takes every request, and answers reads only. */
beforeAll(async () => {
  aws = createServer(({ headers }, response) => {
    const operation = String(headers['x-amz-target']).split('.')[1] ?? '';
    arrived.push(operation);
    if (operation.startsWith('Describe')) response.setHeader('content-type', 'application/x-amz-json-1.1').end('{}');
  });
  await new Promise<void>((resolve) => aws.listen(0, '127.0.0.1', resolve));
});
beforeEach(() => (arrived = []));
afterEach(() => jest.restoreAllMocks());
afterAll(() => {
  aws.closeAllConnections();
  aws.close();
});

const clientsWith = (confirm: ConfirmAttempt) => {
  const { port } = aws.address() as AddressInfo;
  const place = { endpoint: `http://127.0.0.1:${port}`, credentials: testCredentials };
  return createClients('us-east-1', place, { limiter: createLimiter(() => 1), confirm });
};
const write = new UpdateServiceCommand({ cluster: 'outsystems', service: 'orders-a', desiredCount: 0 });

test('an attempt that no longer counts writes nothing', async () => {
  const over = ApplicationFailure.retryable('Temporal counts on another attempt by now.', 'AttemptOver');
  const { ecs } = clientsWith(() => Promise.reject(over));
  await expect(ecs.send(write)).rejects.toBe(over);
  expect(arrived).toEqual([]);
});

test('a write whose worker slept through its lease is never sent', async () => {
  const { ecs } = clientsWith(() => {
    jest.spyOn(performance, 'now').mockReturnValue(performance.now() + 60_000);
    return Promise.resolve();
  });
  await expect(ecs.send(write)).rejects.toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  expect(arrived).toEqual([]);
});

test('a write whose machine was suspended meanwhile is never sent: its monotonic clock stood still', async () => {
  const { ecs } = clientsWith(() => {
    const before = Date.now();
    jest.spyOn(Date, 'now').mockReturnValue(before + 60_000);
    return Promise.resolve();
  });
  await expect(ecs.send(write)).rejects.toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  expect(arrived).toEqual([]);
});

describe('an attempt that is about to time out writes nothing: the write could land after what comes next', () => {
  const within = async (info: Partial<Info>, begunBeforeMs: number) => {
    const { ecs } = clientsWith(() => Promise.resolve());
    const environment = new MockActivityEnvironment(info);
    return await environment.run(async () => {
      // The read begins it; what follows is as long ago as the test says.
      await ecs.send(new DescribeServicesCommand({ cluster: 'outsystems', services: ['orders-a'] }));
      const later = performance.now() + begunBeforeMs;
      jest.spyOn(performance, 'now').mockImplementation(() => later);
      return await ecs.send(write).then(
        () => 'written',
        (error: unknown) => error,
      );
    });
  };
  const over = { type: 'AttemptOver', nonRetryable: false, message: expect.stringMatching(/nothing was written/) };

  test('by the time-out of the attempt', async () => {
    expect(await within({ startToCloseTimeoutMs: 120_000, scheduleToCloseTimeoutMs: 0 }, 117_000)).toMatchObject(over);
    expect(arrived).toEqual(['DescribeServices']);
  });

  test('by the time-out of the activity, which the attempts before used up', async () => {
    const info = {
      startToCloseTimeoutMs: 120_000,
      scheduleToCloseTimeoutMs: 600_000,
      scheduledTimestampMs: 1_000_000,
      currentAttemptScheduledTimestampMs: 1_590_000,
    };
    expect(await within(info, 8_000)).toMatchObject(over);
    expect(arrived).toEqual(['DescribeServices']);
  });
});

test('a write that nobody answers is given up within its lease, and left to the next attempt', async () => {
  let confirmed = 0;
  const { ecs } = clientsWith(() => Promise.resolve(void confirmed++));
  await expect(ecs.send(write)).rejects.toMatchObject({ type: 'AwsUnavailable', nonRetryable: false });
  expect({ arrived, confirmed }).toEqual({ arrived: ['UpdateService'], confirmed: 1 });
});

describe('writes of one attempt that follow each other', () => {
  const attempt = () => new MockActivityEnvironment({ startToCloseTimeoutMs: 120_000, scheduleToCloseTimeoutMs: 0 });
  /** What became of writes at these moments, in ms, and how often Temporal was asked. */
  const writesAt = async (moments: readonly number[], confirm: (asked: number) => Promise<void>) => {
    let asked = 0;
    const lease = jest.fn(() => confirm(++asked));
    const became = await attempt().run(async () => {
      const [began, date] = [performance.now(), Date.now()];
      const results: unknown[] = [];
      for (const moment of moments) {
        jest.spyOn(performance, 'now').mockReturnValue(began + moment);
        jest.spyOn(Date, 'now').mockReturnValue(date + moment);
        const made = underLease(lease, async () => await Promise.resolve(leaseLeftMs()));
        results.push(await made.catch((error: Error) => error.message));
      }
      return results;
    });
    return { asked, became };
  };

  test('within half a second are under one lease, and none has more of it than is left', async () => {
    const { asked, became } = await writesAt([0, 100, 450, 600], () => Promise.resolve());
    expect({ asked, became }).toEqual({ asked: 2, became: [3500, 3400, 3050, 3500] });
  });

  test('are each refused once the attempt doesn’t count, and ask anew after a confirmation that failed', async () => {
    const { asked, became } = await writesAt([0, 10, 20], (nth) =>
      nth < 3 ? Promise.reject(new Error('over')) : Promise.resolve(),
    );
    expect({ asked, became }).toEqual({ asked: 3, became: ['over', 'over', 3500] });
  });

  test('at the same moment wait for one answer', async () => {
    const confirm = jest.fn(() => Promise.resolve());
    await attempt().run(async () => {
      await Promise.all([1, 2, 3].map(async () => await underLease(confirm, () => Promise.resolve())));
    });
    expect(confirm).toHaveBeenCalledTimes(1);
  });
});

test('a read needs no lease', async () => {
  const { ecs } = clientsWith(() => Promise.reject(new Error('no lease')));
  await ecs.send(new DescribeServicesCommand({ cluster: 'outsystems', services: ['orders-a'] }));
  expect(arrived).toEqual(['DescribeServices']);
});
