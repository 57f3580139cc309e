/** An application's App.config as the platform writes it: found, read, and checked before anything is made of it. */
import { ApplicationFailure } from '@temporalio/common';
import { checkInThread } from './check/in-thread';
import { readBounded, RefusedPath, withFileIn, type SharedFile } from './shared-folder';

const maximumBytes = 16 * 1024 * 1024;

export interface AppConfig {
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
  readonly content: Buffer;
}

/**
 * The configuration of an application; `null` when it has none.
 * @param folder holds `<ApplicationKey>/App.config`, in any letter case
 * @param signal ends the checks
 * @throws {ApplicationFailure} of type `InvalidRequest` for a file that isn't well-formed XML or declares entities, is too large,
 * takes too long to check,
 * is no plain file of this one name, exists in two letter cases, or can't be read
 */
export async function readAppConfig(folder: string, key: string, signal?: AbortSignal): Promise<AppConfig | null> {
  try {
    const found = await withFileIn(folder, [key, 'App.config'], async (file) => await readConfiguration(file, signal));
    return found ?? null;
  } catch (error) {
    if (error instanceof RefusedPath) throw invalid(`${error.message} Nothing was changed.`);
    throw error instanceof ApplicationFailure || signal?.aborted ? error : unreadable(folder, error);
  }
}

async function readConfiguration({ path, handle, size }: SharedFile, signal?: AbortSignal): Promise<AppConfig> {
  const content = await readBounded(handle, maximumBytes + 1).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (content.length > maximumBytes)
    throw invalid(`${path} has ${size} bytes, and a configuration may have at most 16 MiB: make it smaller.`);
  const checked = await checkInThread(content, signal);
  if ('fault' in checked) throw invalid(`${path}${checked.fault}`);
  return { sha256: checked.sha256, content };
}

const unreadable = (path: string, error: unknown) =>
  invalid(`${path} can't be read: ${(error as Error).message}. Nothing was changed.`);
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
