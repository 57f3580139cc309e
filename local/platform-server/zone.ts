/** What the Platform Server knows of a zone with containers: its address, the hooks, the shared folders, and the timeout. */
import { loadSettings } from '../../settings/load';
import { stackFolders } from '../stack/folders';
import { readReport } from '../stack/report';
import type { HookTarget } from './hook-calls';

/** A zone as the Platform Server knows it. */
export interface PlatformZone extends HookTarget {
  /** The folder with the file of the Platform Server's applications. */
  readonly folder: string;
  /** The file with the authority that it trusts for HTTPS, besides Node's own. */
  readonly certificateAuthority?: string;
  /** The External Deployment Tool Timeout. */
  readonly timeoutMs: number;
}

/**
 * The zone of the stack that runs in a folder.
 * @throws {Error} of one sentence when none runs there
 */
export async function describePlatformZone(stackFolder: string): Promise<PlatformZone> {
  const { report, platformServer } = stackFolders(stackFolder);
  const { hooks, hookSecret, zoneAddress, folders, zone, settings } = await readReport(report);
  const timeoutMs = loadSettings(settings).zones[zone]?.platformTimeout ?? 30 * 60_000;
  return { hooks, hookSecret, zoneAddress, folders, folder: platformServer, timeoutMs };
}
