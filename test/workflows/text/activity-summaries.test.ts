import { defaultPayloadConverter } from '@temporalio/common';
import { inSlotA } from '../../planning/zone';
import { openWorld, quick, type World } from '../world';

let world: World;
beforeAll(async () => void (world = await openWorld()));
afterAll(() => world.close());

test('the timeline says beside an activity what it is about, with its numbers', async () => {
  const deployment = await world.deploy({ ...quick, approval: 'none' }, inSlotA());
  await deployment.outcome();
  const { events } = await deployment.handle.fetchHistory();
  const summaries = (events ?? []).flatMap(({ activityTaskScheduledEventAttributes: activity, userMetadata }) =>
    activity && userMetadata?.summary
      ? [`${activity.activityType?.name}: ${String(defaultPayloadConverter.fromPayload(userMetadata.summary))}`]
      : [],
  );
  expect(summaries).toEqual(
    expect.arrayContaining([
      'planBlueGreenUnconfigured: Reads everything, and decides once',
      'cutAtOnce: Green to 100%, if Orders-05ee7b6a-b is as it was verified',
      'confirmServing: Orders-05ee7b6a-b must be healthy, the live rules unchanged, and none lead to group-a',
      'setDesiredCount: service-a to 0 tasks',
      'setRoute: Remove the test route',
    ]),
  );
});
