/**
 * An application's App.config, as the platform writes it: checked, and published as a copy that never changes, named by its
 * SHA-256. Replicas mount the copy, so that what the platform writes next reaches none that runs.
 */
import { createHash, randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure } from '@temporalio/common';
import { markCopy, type CopyOwner } from './configuration-copies';
import { findIn, RefusedPath } from './shared-folder';
import { findFault } from './well-formed';

/** Where configurations come from, and where their copies go. */
export interface ConfigurationFolders {
  /** Holds `<ApplicationKey>/App.config`. */
  readonly folder: string;
  /** Gets `<SHA-256>/App.config`. */
  readonly store: string;
}

export interface PublishedConfiguration {
  /** In hexadecimal digits; the name of the copy's folder. */
  readonly sha256: string;
}

const maximumBytes = 16 * 1024 * 1024;

/**
 * The configuration that an application has now; `null` when it has none.
 * Effect: at most one new folder in the store, there whole or not at all, and the application's mark on it. Idempotent: by
 * content.
 * Errors: `InvalidRequest` for a file that isn't well-formed XML or declares entities, is too large, is there in two letter cases,
 * or can't be read.
 */
export async function publishConfiguration(
  { folder, store }: ConfigurationFolders,
  owner: CopyOwner,
): Promise<PublishedConfiguration | null> {
  const found = await readChecked(folder, owner.key);
  if (found === null) return null;
  await markCopy(store, owner, found.sha256);
  await writeCopy(join(store, found.sha256), found.content);
  return { sha256: found.sha256 };
}

/** What `publishConfiguration` would publish. Effect: none. */
export async function describeConfiguration(
  { folder }: ConfigurationFolders,
  applicationKey: string,
): Promise<PublishedConfiguration | null> {
  const found = await readChecked(folder, applicationKey);
  return found && { sha256: found.sha256 };
}

async function readChecked(folder: string, key: string): Promise<{ sha256: string; content: Buffer } | null> {
  const file = await findConfiguration(folder, key);
  if (file === undefined) return null;
  const content = await readConfiguration(file);
  refuseMalformed(file, content);
  return { sha256: createHash('sha256').update(content).digest('hex'), content };
}

/** In any letter case, and nowhere but in the folder. */
async function findConfiguration(folder: string, key: string): Promise<string | undefined> {
  try {
    return await findIn(folder, key, 'App.config');
  } catch (error) {
    throw error instanceof RefusedPath ? invalid(`${error.message} Nothing was changed.`) : unreadable(folder, error);
  }
}

async function readConfiguration(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > maximumBytes)
      throw invalid(`${file} has ${size} bytes, and a configuration may have at most 16 MiB: make it smaller.`);
    return await readFile(file);
  } catch (error) {
    throw error instanceof ApplicationFailure ? error : unreadable(file, error);
  }
}

/** UTF-8, or UTF-16 where a byte order mark says so: both are what .NET writes. */
function refuseMalformed(file: string, content: Buffer): void {
  const encoding = content[0] === 0xff && content[1] === 0xfe ? 'utf16le' : 'utf8';
  const fault = findFault(content.toString(encoding));
  if (fault === undefined) return;
  const { line, column, why } = fault;
  throw invalid(
    `${file}:${line}:${column} is not well-formed XML: ${why} Nothing was changed; mend it, then start again.`,
  );
}

/** Written beside, then renamed: nobody sees half of it. A copy that is there already is the same. */
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

const unreadable = (path: string, error: unknown) =>
  invalid(`${path} can't be read: ${(error as Error).message}. Nothing was changed.`);
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
