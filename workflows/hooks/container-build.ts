/** Container Build: the platform's bundle becomes an image and a task definition. Nothing on the load balancer is touched. */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { buildersUntil, hookActivitiesUntil } from './activities';
import { runHookCall } from './hook-call';

export async function containerBuild(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('ContainerBuild', input, async ({ request, clock, show }) => {
    show({ doing: 'Makes an image of the bundle' });
    const image = await buildersUntil(clock.answerBy).buildImage(request);
    show({ doing: 'Pins the image and registers its task definition' });
    const built = await hookActivitiesUntil(clock.answerBy).prepareRelease(request, image);
    show({ isKnown: true });
    return { built };
  });
}
