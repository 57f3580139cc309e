/**
 * Makes an image of a bundle, as the builder of a container registry would: unpacked, each module marked with its release. Where the
 * stack's tasks are containers, their engine builds it from the bundle's Dockerfile; else it is a folder.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import {
  buildImage as buildFrom,
  engineOf,
  findEngineImage,
  keptTaskKind,
  parseReference,
  type Engine,
  type ImageSource,
  type LocalImage,
} from '../../packages/local-aws/src/index';
import { unpackBundle } from '../../activities/files/unpack';
import { releaseLabels, releaseMarker } from '../../planning/release/release';
import type { StackFolders } from '../stack/folders';

/** What a built image is called. */
export type BuiltImage = Pick<LocalImage, 'repository' | 'tag' | 'digest'>;

const buildTimeoutMs = 600_000;

/**
 * Builds the image `reference` (`repository:tag`) of a bundle by what runs the tasks of a stack, which need not run now.
 * @throws {Error} of one sentence when that fails
 */
export async function buildForStack(
  { aws, images }: Pick<StackFolders, 'aws' | 'images'>,
  bundle: string,
  reference: string,
): Promise<BuiltImage> {
  const kind = keptTaskKind(aws) ?? 'processes';
  return kind === 'processes'
    ? await buildImage(images, bundle, reference)
    : await buildInEngine(engineOf(kind), bundle, reference);
}

async function buildInEngine(engine: Engine, bundle: string, reference: string): Promise<BuiltImage> {
  const name = parseReference(reference);
  if (name === undefined || name.digest !== undefined)
    throw new Error(`"${reference}" can't name an image: it takes REPOSITORY:TAG, the repository in lower case.`);
  const image = `${name.repository}:${name.tag}`;
  const context = await mkdtemp(join(tmpdir(), 'cutover-build-'));
  try {
    const labels = await bundleSource(bundle).fill(context, name);
    const labelled = Object.entries(labels).flatMap(([label, value]) => ['--label', `${label}=${value}`]);
    await engine
      .run(['build', '--quiet', '--tag', image, ...labelled, '.'], { folder: context, timeoutMs: buildTimeoutMs })
      .catch((error: Error) => {
        throw new Error(`${engine.name} could not build ${image} of ${bundle}: ${error.message.replace(/\.$/, '')}.`);
      });
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  const built = await findEngineImage(engine, image);
  if (built === undefined) throw new Error(`${engine.name} built ${image}, and has none.`);
  return built;
}

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
