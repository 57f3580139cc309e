/**
 * The images of one machine: what `buildImage` makes of a folder, what the local ECR describes and the local ECS
 * runs. An image is immutable: its folder is named by its digest, and a tag points at a digest.
 *
 *     <images folder>/sha256-<hex>/image.json     the record, with everything but where it lies
 *     <images folder>/sha256-<hex>/app/…          its files
 *     <images folder>/tags/<repository>/<tag>     a file that holds the digest
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseReference } from './reference';

export interface LocalImage {
  readonly repository: string;
  /** The tag it was built as; `tagged` tells whether the tag still points at it. */
  readonly tag: string;
  readonly tagged: boolean;
  /** `sha256:` and 64 hex digits, of the image's content. */
  readonly digest: string;
  /** Bytes of all its files. */
  readonly size: number;
  /** Milliseconds since the epoch. */
  readonly builtAt: number;
  /** The image's files: the place that WORKDIR names inside a container. Never written again. */
  readonly folder: string;
  /** WORKDIR, as the Dockerfile gives it. */
  readonly workingDirectory: string;
  /** Exec form, as the Dockerfile gives them. */
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** From LABEL, and what the builder added. */
  readonly labels: Readonly<Record<string, string>>;
}

/** What an image's own file records: all but what depends on where the images folder is and on the tags of today. */
export type ImageRecord = Omit<LocalImage, 'folder' | 'tagged'>;

/**
 * The image that a reference names: `orders:1.4.2`, `orders@sha256:…`, `orders` (the tag `latest`), each with or without
 * an ECR registry's host before it. Undefined when there is none, or when it isn't a reference.
 */
export async function findImage(imagesFolder: string, reference: string): Promise<LocalImage | undefined> {
  const name = parseReference(reference);
  if (name === undefined) return undefined;
  const digest = name.digest ?? (await readTag(imagesFolder, name.repository, name.tag));
  const image = digest === undefined ? undefined : await readImage(imagesFolder, digest);
  return image?.repository === name.repository ? image : undefined;
}

/** Every image, those whose tag has moved to another one included; sorted by repository, then by age. */
export async function listImages(imagesFolder: string): Promise<LocalImage[]> {
  const names = (await namesIn(imagesFolder)).filter((name) => name.startsWith('sha256-'));
  const images = await Promise.all(names.map((name) => readImage(imagesFolder, name.replace('-', ':'))));
  return images
    .filter((image) => image !== undefined)
    .toSorted((one, other) => one.repository.localeCompare(other.repository) || one.builtAt - other.builtAt);
}

/** Where the image of a digest lies. The digest is one that `parseReference` or the builder made. */
export function imageFolder(imagesFolder: string, digest: string): string {
  return join(imagesFolder, digest.replace(':', '-'));
}

/** The file that holds a tag's digest. A repository's name may have slashes, a file's may not. */
export function tagFile(imagesFolder: string, repository: string, tag: string): string {
  return join(imagesFolder, 'tags', encodeURIComponent(repository), tag);
}

async function readImage(imagesFolder: string, digest: string): Promise<LocalImage | undefined> {
  const folder = imageFolder(imagesFolder, digest);
  const text = await readIfThere(join(folder, 'image.json'));
  if (text === undefined) return undefined;
  const record = JSON.parse(text) as ImageRecord;
  const tagged = (await readTag(imagesFolder, record.repository, record.tag)) === digest;
  return { ...record, tagged, folder: join(folder, 'app') };
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
