/** The build context of an image: the bundle, unpacked, with a release marker in every module. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Dirent } from 'node:fs';
import { appendFile, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { releaseMarker } from '../../planning/release/release';
import { urlModule } from '../../contract/hook-calls';
import type { SharedFile } from '../files/shared-folder';
import { unpackBundle } from '../files/unpack';

export interface BuildContext {
  /** The unpacked bundle. */
  readonly folder: string;
  /** The names of the folders below `modules/`. */
  readonly modules: readonly string[];
}

const mostFiles = 500_000;
/** Their names become an argument and a variable of the builder's program: https://man7.org/linux/man-pages/man2/execve.2.html */
const mostModules = 1000;

/**
 * Unpacks a bundle below `workplace`, and marks its modules.
 * @param image the markers contain it, beside the bundle's SHA-256
 * @throws {Error} of one sentence, for a bundle that can't be used
 */
export async function prepareContext(
  { path: bundle, handle, size }: SharedFile,
  workplace: string,
  image: string,
  maximumMebibytes: number,
): Promise<BuildContext> {
  const folder = join(workplace, 'context');
  await mkdir(folder);
  await unpackBundle({ path: bundle, handle, size }, folder, {
    files: mostFiles,
    bytes: maximumMebibytes * 1024 * 1024,
  });
  const entries = await readdir(folder, { withFileTypes: true });
  const named = (name: string) => entries.find((entry) => entry.name.toLowerCase() === name)?.name;
  const dockerfile = entries.find((entry) => entry.isFile() && entry.name.toLowerCase() === 'dockerfile');
  if (dockerfile === undefined) throw new Error(`The bundle ${bundle} has no Dockerfile at its top.`);
  const modulesFolder = named('modules');
  const modules = modulesFolder === undefined ? [] : await foldersIn(join(folder, modulesFolder));
  if (modulesFolder === undefined || modules.length === 0)
    throw new Error(`The bundle ${bundle} has no modules: expected folders modules/<Module>/.`);
  if (modules.length > mostModules)
    throw new Error(`The bundle ${bundle} has ${modules.length} modules, more than ${mostModules}.`);
  const unusable = modules.find((module) => !urlModule().safeParse(module).success);
  if (unusable !== undefined)
    throw new Error(`The bundle ${bundle} has a module ${JSON.stringify(unusable)}, a name that no URL can carry.`);
  const marker = `${image} sha256:${await hashOf({ path: bundle, handle, size })}\n`;
  for (const module of modules) await mark(join(folder, modulesFolder, module), marker);
  for (const { name } of entries.filter(isIgnoreFile)) await appendFile(join(folder, name), `\n!**/${releaseMarker}\n`);
  return { folder, modules };
}

/** What it names is left out of the build; the markers aren't. https://docs.docker.com/build/concepts/context/#dockerignore-files */
const isIgnoreFile = (entry: Dirent): boolean => entry.isFile() && /^(?:dockerfile)?\.dockerignore$/i.test(entry.name);

/** On Windows a marker in another letter case would be the same file. */
async function mark(module: string, marker: string): Promise<void> {
  const others = (await readdir(module)).filter((name) => name.toLowerCase() === releaseMarker.toLowerCase());
  for (const name of others) await rm(join(module, name), { recursive: true });
  await writeFile(join(module, releaseMarker), marker);
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

/** The same open file that was unpacked. */
async function hashOf({ path, handle }: SharedFile): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path, { fd: handle.fd, autoClose: false, start: 0 }), hash);
  return hash.digest('hex');
}
