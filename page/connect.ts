/** The connection to Temporal that all who look share: made when it is first needed, and tried again until it is there. */
import { connectDeployments, type Deployments } from '../client/deployments';
import type { Settings } from '../settings/schema';
import { temporalConfiguration } from '../temporal/configuration';

export function openConnection(settings: () => Settings) {
  let opening: Promise<Deployments> | undefined;
  let opened: Deployments | undefined;
  const open = async () => (opened = await connectDeployments(await temporalConfiguration(settings().temporal)));
  const deployments = async (): Promise<Deployments> => {
    opening ??= open();
    const own = opening;
    return await own.catch((error: unknown) => {
      if (opening === own) opening = undefined;
      throw error;
    });
  };
  /** What never came about is not waited for. */
  const close = async (): Promise<void> => await opened?.close().catch(() => undefined);
  return { deployments, close };
}
