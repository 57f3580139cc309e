/**
 * Undo: the release that served before the one that serves now, image and configuration, by the strategy asked for. The
 * release after an undo has the undone one before it, so undoing twice brings that back.
 */
import { parseUndoRequest } from '../contract/runbook-requests';
import type { DeploymentOutcome } from '../contract/status';
import { planning } from './activities';
import { deployBlueGreen } from './blue-green';
import { runRunbook } from './engine/runbook';
import { deployRolling } from './rolling-update';

export async function undo(input?: unknown): Promise<DeploymentOutcome> {
  return runRunbook('undo', parseUndoRequest(input), async (run, request) => {
    const planned = await run.step('plan', () => planning.planUndo(request));
    if (planned.strategy === 'rollingUpdate') await deployRolling(run, planned.plan);
    else await deployBlueGreen(run, planned.plan);
  });
}
