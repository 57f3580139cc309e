/** The LifeTime of a stack: its Production is the stack's Platform Server, whose publishes call the hooks. */
import { publish } from '../platform-server/publishing';
import { describePlatformZone } from '../platform-server/zone';
import { stackFolders } from '../stack/folders';
import { lifeTimeApi, type LifeTimeApi } from './api';
import { openDeployments } from './deployments';

/** @param stack the stack's folder @param folder of its Platform Server */
export async function openStackLifeTime(folder: string, stack: string): Promise<LifeTimeApi> {
  const deployments = await openDeployments(folder, async (version, say) => {
    const watch = { began: say, ended: () => undefined };
    const zone = await describePlatformZone(stack);
    return await publish({ zone, watch, signal: new AbortController().signal }, version);
  });
  return lifeTimeApi({ folder, token: stackFolders(stack).lifeTimeToken, deployments });
}
