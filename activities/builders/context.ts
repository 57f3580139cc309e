/** The build context of an image: the bundle, unpacked, with a release marker in every module. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { releaseMarker } from '../../planning/release/release';
import { urlModule } from '../../contract/hook-calls';
import { unpackBundle } from '../files/unpack';

export interface BuildContext {
  /** The unpacked bundle. */
  readonly folder: string;
  /** The names of the folders below `modules/`. */
  readonly modules: readonly string[];
}

const mostFiles = 500_000;

/**
 * Unpacks a bundle below `workplace`, and marks its modules.
 * @param image the markers contain it, beside the bundle's SHA-256
 * @throws {Error} of one sentence, for a bundle that can't be used
 */
export async function prepareContext(
  bundle: string,
  workplace: string,
  image: string,
  maximumMebibytes: number,
): Promise<BuildContext> {
  const folder = join(workplace, 'context');
  await mkdir(folder);
  await unpackBundle(bundle, folder, { files: mostFiles, bytes: maximumMebibytes * 1024 * 1024 });
  const entries = await readdir(folder, { withFileTypes: true });
  const named = (name: string) => entries.find((entry) => entry.name.toLowerCase() === name)?.name;
  if (named('dockerfile') === undefined) throw new Error(`The bundle ${bundle} has no Dockerfile at its top.`);
  const modulesFolder = named('modules');
  const modules = modulesFolder === undefined ? [] : await foldersIn(join(folder, modulesFolder));
  if (modulesFolder === undefined || modules.length === 0)
    throw new Error(`The bundle ${bundle} has no modules: expected folders modules/<Module>/.`);
  const unusable = modules.find((module) => !urlModule().safeParse(module).success);
  if (unusable !== undefined)
    throw new Error(`The bundle ${bundle} has a module ${JSON.stringify(unusable)}, a name that no URL can carry.`);
  const marker = `${image} sha256:${await hashOf(bundle)}\n`;
  for (const module of modules) await writeFile(join(folder, modulesFolder, module, releaseMarker), marker);
  return { folder, modules };
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
}

async function hashOf(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  return hash.digest('hex');
}
