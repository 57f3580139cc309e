/** What ends a roll that can't come to its end. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { refuseEmpty } from '../../../../activities/aws/ecs/roll-progress';

const look = (desiredCount: number, since: number) =>
  new MockActivityEnvironment({ scheduledTimestampMs: since }).run(async () =>
    refuseEmpty({ desiredCount }, 'orders-a'),
  );

test('a live service that somebody scales to nothing is told at once, with both ways out', async () => {
  await expect(look(0, 1)).rejects.toMatchObject({
    type: 'ServiceChangedByOthers',
    message: expect.stringMatching(/orders-a to no replica at all.*scale it up, then retry\. A rollback brings back/),
  });
  await expect(look(1, 1)).resolves.toBeUndefined();
});

test('a count that is back only just may be read late', async () => {
  await expect(look(0, Date.now())).resolves.toBeUndefined();
});
