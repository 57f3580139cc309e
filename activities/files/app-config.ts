/** An application's App.config as the platform writes it: found, read, and checked before anything is made of it. */
import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { ApplicationFailure } from '@temporalio/common';
import { findIn, RefusedPath } from './shared-folder';
import { findFault } from './well-formed';

const maximumBytes = 16 * 1024 * 1024;

export interface AppConfig {
  /** Of the content, in hexadecimal digits. */
  readonly sha256: string;
  readonly content: Buffer;
}

/**
 * The configuration of an application; `null` when it has none.
 * @param folder holds `<ApplicationKey>/App.config`
 * @throws {ApplicationFailure} of type `InvalidRequest` for a file that isn't well-formed XML or declares entities, is too large,
 * exists in two letter cases, or can't be read
 */
export async function readAppConfig(folder: string, key: string): Promise<AppConfig | null> {
  const file = await findConfiguration(folder, key);
  if (file === undefined) return null;
  const content = await readConfiguration(file);
  refuseMalformed(file, content);
  return { sha256: createHash('sha256').update(content).digest('hex'), content };
}

/** Finds the file in any letter case, and nowhere outside the folder. */
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

/** The text is UTF-8, or UTF-16 where a byte order mark says so: .NET writes both. */
function refuseMalformed(file: string, content: Buffer): void {
  const encoding = content[0] === 0xff && content[1] === 0xfe ? 'utf16le' : 'utf8';
  const fault = findFault(content.toString(encoding));
  if (fault === undefined) return;
  const { line, column, why } = fault;
  throw invalid(
    `${file}:${line}:${column} is not well-formed XML: ${why} Nothing was changed; mend it, then start again.`,
  );
}

const unreadable = (path: string, error: unknown) =>
  invalid(`${path} can't be read: ${(error as Error).message}. Nothing was changed.`);
const invalid = (message: string) => ApplicationFailure.nonRetryable(message, 'InvalidRequest');
