/** An application's App.config as the platform writes it: found, read, and checked before anything is made of it. */
import { createHash } from 'node:crypto';
import { setImmediate as otherWork } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { readBounded, RefusedPath, withFileIn, type SharedFile } from './shared-folder';
import { findFault } from './well-formed';
import { decodeXml } from './xml-text';

const maximumBytes = 16 * 1024 * 1024;

export interface AppConfig {
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
  readonly content: Buffer;
}

/**
 * The configuration of an application; `null` when it has none.
 * @param folder holds `<ApplicationKey>/App.config`, in any letter case
 * @param signal ends the checks of a large file
 * @throws {ApplicationFailure} of type `InvalidRequest` for a file that isn't well-formed XML or declares entities, is too large,
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
  await refuseMalformed(path, content, signal);
  return { sha256: createHash('sha256').update(content).digest('hex'), content };
}

async function refuseMalformed(file: string, content: Buffer, signal?: AbortSignal): Promise<void> {
  const decoded = decodeXml(content);
  if ('why' in decoded) throw invalid(`${file} can't be read as .NET would: ${decoded.why} Nothing was changed.`);
  await otherWork();
  const fault = await findFault(decoded.text, signal);
  if (fault === undefined) return;
  const { line, column, why } = fault;
  throw invalid(
    `${file}:${line}:${column} is not well-formed XML: ${why} Nothing was changed; mend it, then start again.`,
  );
}

const unreadable = (path: string, error: unknown) =>
  invalid(`${path} can't be read: ${(error as Error).message}. Nothing was changed.`);
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
