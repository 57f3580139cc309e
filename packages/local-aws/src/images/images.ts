/**
 * The images of one machine: what `buildImage` makes of a folder, what the local ECR describes and the local ECS
 * runs. An image is immutable: its folder is named by its digest, and a tag points at a digest.
 *
 *     <images folder>/sha256-<hex>/image.json     the record: everything except the folder
 *     <images folder>/sha256-<hex>/app/…          its files
 *     <images folder>/tags/<repository>/<tag>     a file that holds the digest
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReference } from './reference';

export interface LocalImage {
  readonly repository: string;
  /** The tag with which it was built; `tagged` is whether the tag still points at it. */
  readonly tag: string;
  readonly tagged: boolean;
  /** `sha256:` and 64 hexadecimal digits, made from the image's content. */
  readonly digest: string;
  /** The size of all its files, in bytes. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly builtAt: number;
  /** The folder of the image's files, which is WORKDIR inside a container. It never changes. */
  readonly folder: string;
  /** The Dockerfile's WORKDIR. */
  readonly workingDirectory: string;
  /** The Dockerfile's ENTRYPOINT and CMD, in exec form. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** The Dockerfile's labels, and those that the builder added. */
  readonly labels: Readonly<Record<string, string>>;
  /** Whatever it says, its tasks are processes of this machine. Default `linux`. */
  readonly os?: string;
}

/** An image as a registry has it, wherever its files are. */
export type RegisteredImage = Omit<LocalImage, 'folder'> & {
  /** What asks it to end. Default: SIGTERM. */
  readonly stopSignal?: string;
};

/** The content of an image's own file: everything that depends neither on the images folder nor on the tags' present state. */
export type ImageRecord = Omit<LocalImage, 'folder' | 'tagged'>;

/**
 * The image that a reference names: `orders:1.4.2`, `orders@sha256:…`, `orders` (the tag `latest`), each with or without
 * an ECR registry's host before it. Undefined when there is none, or when it isn't a reference.
 */
export async function findImage(imagesFolder: string, reference: string): Promise<LocalImage | undefined> {
  const name = parseReference(reference);
  if (name === undefined) return undefined;
  const digest = name.digest ?? (await readTag(imagesFolder, name.repository, name.tag));
  const record = digest === undefined ? undefined : await readRecord(imagesFolder, digest);
  return record?.repository === name.repository ? await withTag(imagesFolder, record) : undefined;
}

/** Every image, even if its tag has moved to another one; sorted by repository, then by age. */
export async function listImages(imagesFolder: string): Promise<LocalImage[]> {
  return await imageList(imagesFolder)();
}

/**
 * As {@link listImages}, for who looks often: what never changes of an image is read once, so that a look at one repository reads its
 * own images' tags, however many others there are.
 */
export function imageList(imagesFolder: string): (repository?: string) => Promise<LocalImage[]> {
  const records = new Map<string, Promise<ImageRecord | undefined>>();
  const recordOf = (name: string): Promise<ImageRecord | undefined> => {
    const known = records.get(name);
    if (known !== undefined) return known;
    const reading = readRecord(imagesFolder, name.replace('-', ':'));
    records.set(name, reading);
    const forget = () => void records.delete(name);
    reading.then((record) => record ?? forget(), forget);
    return reading;
  };
  return async (repository) => {
    const names = (await namesIn(imagesFolder)).filter((name) => name.startsWith('sha256-'));
    const there = new Set(names);
    for (const name of records.keys()) if (!there.has(name)) records.delete(name);
    const all = (await Promise.all(names.map(recordOf))).filter((record) => record !== undefined);
    const wanted = repository === undefined ? all : all.filter((record) => record.repository === repository);
    const images = await Promise.all(wanted.map((record) => withTag(imagesFolder, record)));
    return images.toSorted(
      (one, other) => one.repository.localeCompare(other.repository) || one.builtAt - other.builtAt,
    );
  };
}

/** The folder of an image. The digest must be one that `parseReference` or the builder made. */
export function imageFolder(imagesFolder: string, digest: string): string {
  return join(imagesFolder, digest.replace(':', '-'));
}

/** The file with a tag's digest. A repository's name may have slashes, a file's name may not. */
export function tagFile(imagesFolder: string, repository: string, tag: string): string {
  return join(imagesFolder, 'tags', encodeURIComponent(repository), tag);
}

async function readRecord(imagesFolder: string, digest: string): Promise<ImageRecord | undefined> {
  const text = await readIfThere(join(imageFolder(imagesFolder, digest), 'image.json'));
  return text === undefined ? undefined : (JSON.parse(text) as ImageRecord);
}

async function withTag(imagesFolder: string, record: ImageRecord): Promise<LocalImage> {
  const tagged = (await readTag(imagesFolder, record.repository, record.tag)) === record.digest;
  return { ...record, tagged, folder: join(imageFolder(imagesFolder, record.digest), 'app') };
}

async function readTag(imagesFolder: string, repository: string, tag: string): Promise<string | undefined> {
  return (await readIfThere(tagFile(imagesFolder, repository, tag)))?.trim();
}

async function readIfThere(file: string): Promise<string | undefined> {
  return await readFile(file, 'utf8').catch(undefinedWhenMissing);
}

async function namesIn(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(undefinedWhenMissing)) ?? [];
}

function undefinedWhenMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
