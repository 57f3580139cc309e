/**
 * A new configuration for the image that serves: its App.config is published as a copy that never changes, and replicas that
 * mount it replace the others, verified like any release. The configuration before is still there to go back to.
 */
import { parseConfigurationRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import { planning } from './activities';
import { deployBlueGreen } from './blue-green';
import { runRunbook } from './engine/runbook';
import { publishConfiguration } from './moves/configuration';
import { deployRolling } from './rolling-update';

export async function updateConfiguration(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('updateConfiguration', parseConfigurationRequest(input), async (run, request) => {
    const planned = await run.step('plan', async () =>
      planning.planUpdateConfiguration(request, await publishConfiguration(run, request)),
    );
    if (planned.strategy === 'none') {
      run.recordPlan(planned);
      run.note(planned.note);
    } else if (planned.strategy === 'rollingUpdate') await deployRolling(run, planned.plan);
    else await deployBlueGreen(run, planned.plan);
  });
}
