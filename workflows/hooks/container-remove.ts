/**
 * Container Remove: the platform is answered first, for it does its own part only then; the containers serve until the Platform
 * Server answers for every module; or answers 404 for every module, and a person lets them go.
 */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { deployInTurn } from './deployments';
import { runHookCall } from './hook-call';

export async function containerRemove(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('ContainerRemove', input, async (call) => {
    await call.succeed();
    const deployment = await deployInTurn(call, {
      until: null,
      choose: ({ input }) => ({ strategy: 'removeApplication', input }),
      follow: async ({ waitUntilOver }) => await waitUntilOver(),
    });
    return { deployment };
  });
}
