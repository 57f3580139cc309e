/** Container Build: the platform's bundle becomes an image and a task definition. Nothing on the load balancer is touched. */
import type { OperationOutcome } from '../../contract/hook-calls';
import { buildersUntil, operationsUntil } from './activities';
import { operation } from './hook-call';

export async function containerBuild(input?: unknown): Promise<OperationOutcome> {
  return operation('ContainerBuild', input, async ({ request, clock, doing }) => {
    doing('Makes an image of the bundle');
    const image = await buildersUntil(clock.answerBy).buildImage(request);
    doing('Pins the image and registers its task definition');
    return { built: await operationsUntil(clock.answerBy).prepareRelease(request, image) };
  });
}
