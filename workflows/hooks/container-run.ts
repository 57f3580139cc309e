/**
 * Container Run: the image of the same publish gets live traffic. From the Platform Server it is blue-green, and the platform is
 * told only after cut, proof and bake: it then takes its own copy away. A version update goes as the zone's settings say.
 */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { hookActivitiesUntil } from './activities';
import { deployInTurn } from './deployments';
import { runHookCall } from './hook-call';

export async function containerRun(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('ContainerRun', input, async (self) => {
    const { request, clock, doing, succeed } = self;
    doing('Looks for the image');
    const built = await hookActivitiesUntil(clock.answerBy).describeBuilt(request);
    const modules = request.modules ?? built.modules;
    const following = await deployInTurn(self, clock.deadline, ({ strategy, input: common }) => ({
      strategy,
      input: { ...common, image: built.image, modules },
    }));
    if (!following) return {};
    await following.forward();
    await succeed();
    return { deployment: await following.over() };
  });
}
