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
    const result = await deployInTurn(call, {
      until: null,
      choose: ({ input }) => ({ strategy: 'removeApplication', input }),
      follow: async ({ waitUntilOver }) => ({ deployment: await waitUntilOver() }),
    });
    const note = `${call.request.applicationName} was never in containers in this zone, so there is nothing to remove.`;
    return result ?? { note };
  });
}
