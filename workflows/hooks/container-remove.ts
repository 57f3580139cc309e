/**
 * Container Remove: the platform is answered first, for it does its own part only then; the containers serve until the Platform
 * Server answers for every module, or for every module says that there is none.
 */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { deployInTurn } from './deployments';
import { runHookCall } from './hook-call';

export async function containerRemove(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('ContainerRemove', input, async (call) => {
    await call.succeed();
    const deployment = await deployInTurn(call, null, (plan) => ({ strategy: 'removeApplication', input: plan.input }));
    return { deployment: (await deployment?.waitUntilOver()) ?? null };
  });
}
