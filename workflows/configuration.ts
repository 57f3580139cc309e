/**
 * The App.config that a deployment takes with it. Only a worker that has the zone's folders mounted can read it; a zone without
 * configurations needs no such worker, and where one is missing people are told within seconds.
 */
import { aws, files } from './activities';
import { taskQueues, type PlatformApplication } from './messages';
import type { Runbook } from './runbook';
import type { PublishedConfiguration } from '../activities/files/configuration';

const missing = `Nothing answers on the task queue ${taskQueues.files} yet: start "cutover worker" where the zone's configuration folders are mounted. Nothing was touched so far.`;

/** The configuration as it is now, published; `null` where the zone has none, or the application. */
export async function publishConfiguration(
  book: Runbook,
  { application }: { readonly application?: PlatformApplication | undefined },
): Promise<PublishedConfiguration | null> {
  if (!(await aws.mountsConfigurations(application))) return null;
  return await book.expecting(missing, () => files.publishConfiguration(application));
}
