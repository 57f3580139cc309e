/** Which events of a service mean that it lacks capacity. */
import type { Service } from '@aws-sdk/client-ecs';
import { MockActivityEnvironment } from '@temporalio/testing';
import { findCapacityEvent } from '../../../../activities/aws/ecs/capacity';

const began = Date.now() - 60_000;
const short = { runningCount: 1, pendingCount: 0, desiredCount: 2 };
const whole = { runningCount: 1, pendingCount: 1, desiredCount: 2 };

const onInstances =
  '(service orders-a) was unable to place a task because no container instance met all of its requirements.';
const onFargate =
  '(service orders-a) was unable to place a task. Reason: Capacity is unavailable at this time. Please try again later or in a different availability zone.';
const rebalancing =
  '(service orders-a) is unable to place a task in Availability Zone because no container instance met all of its requirements.';
const started = '(service orders-a) has started 1 tasks.';

/** As a wait that began a minute ago finds it; the newest event comes first. */
const find = async (service: Service, ...messages: readonly string[]) => {
  const events = messages.map((message, age) => ({ message, createdAt: new Date(Date.now() - age * 1_000) }));
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  return await activity.run(async () => findCapacityEvent({ ...service, events })?.message);
};

test('a task that finds no room is missing capacity, for as long as tasks are missing', async () => {
  expect(await find(short, onInstances)).toBe(onInstances);
  expect(await find(short, onFargate)).toBe(onFargate);
  expect(await find(whole, onInstances)).toBeUndefined();
  expect(await find(short, started, onInstances)).toBeUndefined();
});

test('Availability Zone rebalancing is never missing capacity, nor does it hide that', async () => {
  expect(await find(short, rebalancing)).toBeUndefined();
  expect(await find(whole, rebalancing)).toBeUndefined();
  expect(await find(short, rebalancing, onFargate)).toBe(onFargate);
});

test('in a roll, the tasks of the new revision count, for the old ones run on', async () => {
  const service = { runningCount: 2, pendingCount: 0, desiredCount: 2 };
  expect(await find({ ...service, deployments: [{ ...short, runningCount: 0 }, whole] }, onInstances)).toBe(
    onInstances,
  );
});

test('an event from before the wait proves nothing', async () => {
  const events = [{ message: onInstances, createdAt: new Date(began - 1) }];
  const activity = new MockActivityEnvironment({ scheduledTimestampMs: began });
  expect(await activity.run(async () => findCapacityEvent({ ...short, events }))).toBeUndefined();
});
