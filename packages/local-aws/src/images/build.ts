/**
 * Makes an image of a folder with a Dockerfile. It is gathered and described first, and only then moved to the folder of its
 * digest by one rename. Two builds at once don't see each other, and one that is killed leaves nothing that looks like an image.
 */
import { cp, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { makeWritableFolder } from '../processes/folders';
import { hashFolder } from './content';
import { parseDockerfile, type ImageConfiguration } from './dockerfile';
import { findImage, imageFolder, tagFile, type ImageRecord, type LocalImage } from './images';
import { parseReference, type ImageReference } from './reference';

/** What an image is made of. */
export interface ImageSource {
  /** Its name in errors, e.g. `The folder /srv/orders`. */
  readonly title: string;
  /**
   * Puts the image's files, with a Dockerfile at the top, into a new folder. Returns the labels that the image gets besides
   * those of the Dockerfile.
   * @throws {Error} of one sentence when the source can't be used
   */
  readonly fill: (folder: string, name: ImageReference) => Promise<Readonly<Record<string, string>>>;
}

/** A build that was killed leaves its folder, which is removed when it is this old. */
const abandonedAfterMs = 3_600_000;

/** A copy of a folder of this machine, as it is. */
export function folderSource(folder: string): ImageSource {
  const title = `The folder ${resolve(folder)}`;
  const fill = async (target: string): Promise<Record<string, string>> => {
    const found = await stat(folder).catch(() => undefined);
    if (found?.isDirectory() !== true) throw new Error(`${title} isn't there, or is no folder.`);
    await cp(folder, target, { recursive: true, dereference: true });
    return {};
  };
  return { title, fill };
}

/**
 * Builds the image `reference` (`repository:tag`) of a source, and points the tag at it. The same files under the same
 * reference give the same digest.
 * @throws {Error} of one sentence for a source or reference that can't be used, or an images folder that can't be written
 */
export async function buildImage(imagesFolder: string, source: ImageSource, reference: string): Promise<LocalImage> {
  const name = parseReference(reference);
  if (name === undefined || name.digest !== undefined) {
    throw new Error(`"${reference}" can't name an image: it takes REPOSITORY:TAG, the repository in lower case.`);
  }
  await makeWritableFolder(imagesFolder);
  await removeAbandoned(imagesFolder);
  const workplace = await mkdtemp(join(imagesFolder, '.building-'));
  try {
    const record = await prepareImage(workplace, source, name);
    await moveImage(workplace, imageFolder(imagesFolder, record.digest));
    await writeTag(imagesFolder, record);
    return await builtImage(imagesFolder, record);
  } finally {
    await rm(workplace, { recursive: true, force: true });
  }
}

async function prepareImage(workplace: string, source: ImageSource, name: ImageReference): Promise<ImageRecord> {
  const app = join(workplace, 'app');
  await mkdir(app);
  const added = await source.fill(app, name);
  const configuration = checkRunnable(parseDockerfile(await readDockerfile(app, source.title)));
  const labels = { ...configuration.labels, ...added };
  const { digest, size } = await hashFolder(app, { ...configuration, labels });
  const { repository, tag } = name;
  const record: ImageRecord = { repository, tag, digest, size, builtAt: Date.now(), ...configuration, labels };
  await writeFile(join(workplace, 'image.json'), `${JSON.stringify(record, undefined, 2)}\n`);
  return record;
}

/** An image that is there already is the same one: its folder is named by its content. */
async function moveImage(workplace: string, folder: string): Promise<void> {
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

async function readDockerfile(app: string, title: string): Promise<string> {
  return await readFile(join(app, 'Dockerfile'), 'utf8').catch(() => {
    throw new Error(`${title} has no Dockerfile at its top.`);
  });
}

/** A path below WORKDIR exists only in a container: here the working directory is a folder with another name. */
function checkRunnable(configuration: ImageConfiguration): ImageConfiguration {
  const inside = `${configuration.workingDirectory}/`.replace('//', '/');
  const words = [...configuration.entrypoint, ...configuration.command];
  const absolute = inside === '/' ? undefined : words.find((word) => word.startsWith(inside));
  if (absolute === undefined) return configuration;
  throw new Error(
    `The Dockerfile runs "${absolute}": write it relative to WORKDIR, "${absolute.slice(inside.length)}".`,
  );
}

async function removeAbandoned(imagesFolder: string): Promise<void> {
  const names = (await readdir(imagesFolder)).filter((name) => name.startsWith('.building-'));
  for (const folder of names.map((name) => join(imagesFolder, name))) {
    const age = Date.now() - ((await stat(folder).catch(() => undefined))?.mtimeMs ?? Date.now());
    if (age > abandonedAfterMs) await rm(folder, { recursive: true, force: true });
  }
}
