/** Update Configurations: replicas with the new App.config take the place of those with the old one, verified like a release. */
import type { HookCallOutcome } from '../../contract/hook-calls';
import { deployInTurn } from './deployments';
import { runHookCall } from './hook-call';

export async function updateConfigurations(input?: unknown): Promise<HookCallOutcome> {
  return runHookCall('UpdateConfigurations', input, async (call) => {
    const { request, clock } = call;
    const result = await deployInTurn(call, {
      until: clock.deadline,
      choose: ({ live, strategy, input: common }) =>
        // Within the first publish: its Container Run takes the configuration as it is then.
        live.slot === null ? null : { strategy: 'updateConfiguration', input: { ...common, strategy } },
      follow: async (deployment) => {
        await deployment.waitUntilForward();
        await call.succeed();
        return { deployment: await deployment.waitUntilOver() };
      },
    });
    const note = `${request.applicationName} is not in containers that cutover deployed: its configuration comes with Container Run.`;
    return result ?? { note };
  });
}
