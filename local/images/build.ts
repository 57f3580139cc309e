/**
 * Makes an image of a bundle: unpacked, marked, described, and only then put in place under its digest, by one rename. Two
 * builds at once don't see each other, and one that is killed leaves nothing that looks like an image.
 */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { hashFolder } from '../../packages/local-aws/src/images/content';
import { parseDockerfile, type ImageConfiguration } from '../../packages/local-aws/src/images/dockerfile';
import {
  findImage,
  imageFolder,
  modulesLabel,
  releaseMarker,
  tagFile,
  type ImageRecord,
  type LocalImage,
} from '../../packages/local-aws/src/images/images';
import { parseReference, type ImageReference } from '../../packages/local-aws/src/images/reference';
import { unpackBundle } from '../../activities/files/unpack';

/** A build that was killed leaves its folder; after so long it is nobody's any more. */
const abandonedAfterMs = 3_600_000;

/**
 * Builds the image `reference` (`repository:tag`) of a bundle, and points the tag at it. The same bundle under the same
 * reference gives the same digest. Throws an error of one sentence for a bundle or reference that can't be used.
 */
export async function buildImage(imagesFolder: string, bundle: string, reference: string): Promise<LocalImage> {
  const name = parseReference(reference);
  if (name === undefined || name.digest !== undefined) {
    throw new Error(`"${reference}" can't name an image: it takes REPOSITORY:TAG, the repository in lower case.`);
  }
  await mkdir(imagesFolder, { recursive: true });
  await removeAbandoned(imagesFolder);
  const workplace = await mkdtemp(join(imagesFolder, '.building-'));
  try {
    const record = await prepareImage(workplace, bundle, name);
    await putInPlace(workplace, imageFolder(imagesFolder, record.digest));
    await writeTag(imagesFolder, record);
    return await builtImage(imagesFolder, record);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function prepareImage(workplace: string, bundle: string, name: ImageReference): Promise<ImageRecord> {
  const app = join(workplace, 'app');
  const bundleHash = await hashFile(bundle);
  await mkdir(app);
  await unpackBundle(bundle, app);
  const modules = await modulesIn(app, bundle);
  for (const module of modules) {
    const marker = `${name.repository}:${name.tag} sha256:${bundleHash}\n`;
    await writeFile(join(app, 'modules', module, releaseMarker), marker);
  }
  const configuration = checkRunnable(parseDockerfile(await readDockerfile(app, bundle)));
  const labels = { ...configuration.labels, [modulesLabel]: JSON.stringify(modules) };
  const { digest, size } = await hashFolder(app, { ...configuration, labels });
  const { repository, tag } = name;
  const record: ImageRecord = { repository, tag, digest, size, builtAt: Date.now(), ...configuration, labels };
  await writeFile(join(workplace, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

/** An image that is there already is the same one: its folder is named by its content. */
async function putInPlace(workplace: string, folder: string): Promise<void> {
  await rename(workplace, folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function writeTag(imagesFolder: string, { repository, tag, digest }: ImageRecord): Promise<void> {
  const file = tagFile(imagesFolder, repository, tag);
  const unfinished = `${file}.${process.pid}-${Math.random().toString(36).slice(2)}~`;
  await mkdir(dirname(file), { recursive: true });
  await writeFile(unfinished, `${digest}\n`);
  await rename(unfinished, file);
}

async function builtImage(imagesFolder: string, { repository, digest }: ImageRecord): Promise<LocalImage> {
  const image = await findImage(imagesFolder, `${repository}@${digest}`);
  if (image === undefined) throw new Error(`The image ${digest} vanished from ${imagesFolder} while it was built.`);
  return image;
}

async function modulesIn(app: string, bundle: string): Promise<string[]> {
  const entries = await readdir(join(app, 'modules'), { withFileTypes: true }).catch(() => []);
  const modules = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  if (modules.length > 0) return modules.toSorted();
  throw new Error(`The bundle ${bundle} has no modules: expected folders modules/<Module>/.`);
}

async function readDockerfile(app: string, bundle: string): Promise<string> {
  return await readFile(join(app, 'Dockerfile'), 'utf8').catch(() => {
    throw new Error(`The bundle ${bundle} has no Dockerfile at its top.`);
  });
}

/** A path under WORKDIR exists in a container only: here the working directory is a folder of another name. */
function checkRunnable(configuration: ImageConfiguration): ImageConfiguration {
  const inside = `${configuration.workingDirectory}/`.replace('//', '/');
  const words = [...configuration.entrypoint, ...configuration.command];
  const absolute = inside === '/' ? undefined : words.find((word) => word.startsWith(inside));
  if (absolute === undefined) return configuration;
  throw new Error(
    `The Dockerfile runs "${absolute}": write it relative to WORKDIR, "${absolute.slice(inside.length)}".`,
  );
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash).catch((error: Error) => {
    throw new Error(`The bundle ${file} can't be read: ${error.message}.`);
  });
  return hash.digest('hex');
}

async function removeAbandoned(imagesFolder: string): Promise<void> {
  const names = (await readdir(imagesFolder)).filter((name) => name.startsWith('.building-'));
  for (const folder of names.map((name) => join(imagesFolder, name))) {
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > abandonedAfterMs) await rm(folder, { recursive: true, force: true });
  }
}
