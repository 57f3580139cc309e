/** Container Run comes as soon as the platform finds the answer of Container Build, whatever the build's workflow still does. */
import { MockActivityEnvironment } from '@temporalio/testing';
import { describeBuilt } from '../../../activities/hooks/built-release';
import type { HookCallDirectory } from '../../../activities/hooks/turn';

const request = {
  zone: 'production',
  applicationName: 'Orders',
  applicationKey: 'A3C0A9A4-7A1B-4B6B-9A53-0C6A6F1F8F11',
  operationId: 'c21e43b9-a8a3-4da7-a21b-ced0baa6bd05',
};
const id = 'hook/ContainerBuild/a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11_c21e43b9-a8a3-4da7-a21b-ced0baa6bd05';
const built = { image: 'outsystems/orders:2.0', modules: ['Orders'], taskDefinitionArn: 'arn:1' };

/** Looks that find one after the other; the last is found for ever. */
function asking(...looks: readonly Awaited<ReturnType<HookCallDirectory['ended']>>[]) {
  const asked: string[] = [];
  const ended = async (workflowId: string) => {
    asked.push(workflowId);
    return await Promise.resolve(looks[Math.min(asked.length, looks.length) - 1]);
  };
  return { asked, answer: new MockActivityEnvironment().run(() => describeBuilt({ ended }, request)) };
}

test('a build whose answer the platform has read, and that is not over, is waited for', async () => {
  const { asked, answer } = asking(undefined, undefined, { result: { built } });
  expect(await answer).toEqual(built);
  expect(asked).toEqual([id, id, id]);
});

test.each([
  ['failed or never was', {}],
  ['made nothing', { result: { built: null } }],
  ['answers what no build does', { result: 'done' }],
])('a build that %s is no image, and says what to do', async (_, end) => {
  await expect(asking(end).answer).rejects.toMatchObject({
    type: 'InvalidRequest',
    nonRetryable: true,
    message: expect.stringMatching(/no image of operation c21e43b9.* Publish the application again\./),
  });
});
