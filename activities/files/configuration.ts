/**
 * An application's App.config, published as a copy that never changes, named by its SHA-256. Replicas mount the copy, so that
 * what the platform writes next reaches no replica that is running.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isPlatformApplication, type PlatformApplication } from '../../contract/runbook-requests';
import { resolveApplication, type AskedApplication } from '../aws/plans/applications';
import { readAppConfig } from './app-config';
import { markCopy, type CopyOwner } from './configuration-copies';
import type { FolderAccess } from './zone-folders';

/** Where configurations come from, and where their copies go. */
export interface ConfigurationFolders {
  /** Contains `<ApplicationKey>/App.config`. */
  readonly folder: string;
  /** Gets `<SHA-256>/App.config`. */
  readonly store: string;
}

export interface PublishedConfiguration {
  /** In hexadecimal digits; the name of the copy's folder. */
  readonly sha256: string;
}

export const configurationActivities = ({ settings, inFolder }: FolderAccess) => ({
  /**
   * Publishes the configuration that the workflow's application has now; `null` where the zone or the application has none.
   * Effect: at most one new folder in the store, there whole or not at all, and the application's mark on it. Idempotent: the
   * copy is named by its content.
   * @throws {ApplicationFailure} of type `InvalidRequest` for a file that can't be used, as {@link readAppConfig}, and for a
   * workflow ID that names no application
   */
  async publishConfiguration(given?: PlatformApplication): Promise<PublishedConfiguration | null> {
    const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
    const { identity, zone } = resolveApplication(settings(), workflowId, given && checkedApplication(given));
    const { configuration } = zone;
    if (!configuration) return null;
    return await inFolder(identity.zone, 'configurations', () =>
      publishConfiguration(configuration, identity, Context.current().cancellationSignal),
    );
  },

  /**
   * What a deployment would publish now; `null` where the zone or the application has no configuration.
   * @throws {ApplicationFailure} as `publishConfiguration`
   */
  async describeConfiguration(asked: AskedApplication): Promise<PublishedConfiguration | null> {
    const { identity, zone } = resolveApplication(settings(), `${asked.zone}/${asked.application}`);
    const { configuration } = zone;
    if (!configuration) return null;
    const found = await inFolder(identity.zone, 'configurations', () =>
      readAppConfig(configuration.folder, identity.key, Context.current().cancellationSignal),
    );
    return found && { sha256: found.sha256 };
  },
});

/** Its key becomes a folder's name. */
function checkedApplication(given: PlatformApplication): PlatformApplication {
  if (isPlatformApplication(given)) return given;
  throw ApplicationFailure.nonRetryable('That is no application: expected a name and a GUID.', 'InvalidRequest');
}

/** Publishes the configuration that an application has now; `null` when it has none. @throws as {@link readAppConfig} */
export async function publishConfiguration(
  { folder, store }: ConfigurationFolders,
  owner: CopyOwner,
  signal?: AbortSignal,
): Promise<PublishedConfiguration | null> {
  const found = await readAppConfig(folder, owner.key, signal);
  if (found === null) return null;
  await markCopy(store, owner, found.sha256);
  await writeCopy(join(store, found.sha256), found.content);
  return { sha256: found.sha256 };
}

/** Writes under another name, then renames: no half of it is ever seen. A copy that exists already is the same. */
async function writeCopy(copy: string, content: Buffer): Promise<void> {
  const fresh = `${copy}.${randomUUID()}`;
  try {
    await mkdir(fresh, { recursive: true });
    await writeFile(join(fresh, 'App.config'), content, { mode: 0o444 });
    await rename(fresh, copy).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    });
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
