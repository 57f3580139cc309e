/**
 * A new configuration for the image that serves: its App.config is published as a copy that never changes, and replicas that
 * mount it replace the others, verified like any release. The configuration before is still there to go back to.
 */
import { planning } from './activities';
import { publishConfiguration } from './moves/configuration';
import { deployBlueGreen } from './blue-green';
import { parseConfigurationRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import { deployRolling } from './rolling-update';
import { runbook } from './engine/runbook';

export async function updateConfiguration(input?: unknown): Promise<DeploymentOutcome> {
  return runbook('updateConfiguration', parseConfigurationRequest(input), async (run, request) => {
    const planned = await run.step('plan', async () =>
      planning.planUpdateConfiguration(request, await publishConfiguration(run, request)),
    );
    if (planned.strategy === 'none') {
      run.planned(planned);
      run.notes(planned.note);
    } else if (planned.strategy === 'rollingUpdate') await deployRolling(run, planned.plan);
    else await deployBlueGreen(run, planned.plan);
  });
}
