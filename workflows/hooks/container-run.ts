/**
 * Container Run: the image of the same publish gets live traffic. From the Platform Server it is blue-green, and the platform is
 * answered only after cut, proof and bake: it then takes its own copy away. A version update goes as the zone's settings say.
 */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { hookActivitiesUntil } from './activities';
import { deployInTurn } from './deployments';
import { runHookCall } from './hook-call';

export async function containerRun(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('ContainerRun', input, async (call) => {
    const { request, clock } = call;
    call.show({ doing: 'Looks for the image' });
    const { image, ...built } = await hookActivitiesUntil(clock.answerBy).describeBuilt(request);
    call.show({ isKnown: true });
    const modules = request.modules ?? built.modules;
    const result = await deployInTurn(call, {
      until: clock.deadline,
      choose: ({ strategy, input: common }) => ({ strategy, input: { ...common, image, modules } }),
      follow: async (deployment) => {
        await deployment.waitUntilForward();
        await call.succeed();
        return { deployment: await deployment.waitUntilOver() };
      },
    });
    return result ?? {};
  });
}
