/** Makes an image of a bundle, as the builder of a container registry would: unpacked, each module marked with its release. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { buildImage as buildFrom, type ImageSource, type LocalImage } from '../../packages/local-aws/src/index';
import { unpackBundle } from '../../activities/files/unpack';
import { releaseLabels, releaseMarker } from '../../planning/release/release';

/**
 * Builds the image `reference` (`repository:tag`) of a bundle, and points the tag at it. The same bundle under the same
 * reference gives the same digest.
 * @throws {Error} of one sentence for a bundle or reference that can't be used, or an images folder that can't be written
 */
export async function buildImage(imagesFolder: string, bundle: string, reference: string): Promise<LocalImage> {
  return await buildFrom(imagesFolder, bundleSource(bundle), reference);
}

function bundleSource(bundle: string): ImageSource {
  const fill: ImageSource['fill'] = async (folder, { repository, tag }) => {
    const hash = await hashFile(bundle);
    await unpackBundle(bundle, folder);
    const modules = await modulesIn(folder, bundle);
    const marker = `${repository}:${tag} sha256:${hash}\n`;
    for (const module of modules) await writeFile(join(folder, 'modules', module, releaseMarker), marker);
    return { [releaseLabels.modules]: JSON.stringify(modules) };
  };
  return { title: `The bundle ${bundle}`, fill };
}

async function modulesIn(app: string, bundle: string): Promise<string[]> {
  const entries = await readdir(join(app, 'modules'), { withFileTypes: true }).catch(() => []);
  const modules = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (modules.length > 0) return modules.toSorted();
  throw new Error(`The bundle ${bundle} has no modules: expected folders modules/<Module>/.`);
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((error: Error) => {
    throw new Error(`The bundle ${file} can't be read: ${error.message}.`);
  });
  return hash.digest('hex');
}
