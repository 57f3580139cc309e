/** What the local LifeTime keeps: the versions that are tagged in Development, and its deployments; a file each, replaced whole. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withLock, writeWhole } from '../../packages/local-aws/src/index';
import type { LifeTimeState } from '../../contract/staging';
import { keyOf } from '../platform-server/applications';

/** A version of an application in Development: what a publish needs. */
export interface TaggedVersion {
  readonly application: string;
  readonly version: string;
  readonly modules: readonly string[];
  /** A breakage in the form of `cutover local bundle --broken`. */
  readonly broken?: string;
  /** How long each container takes until it listens. Default: 0. */
  readonly startSeconds?: number;
}

export interface LocalDeployment {
  readonly key: string;
  readonly notes: string;
  readonly createdOn: string;
  readonly versions: readonly TaggedVersion[];
  state: LifeTimeState;
  info: string;
  log: { readonly at: string; readonly message: string }[];
}

/** The same wherever the version is. */
export const versionKeyOf = ({ application, version }: Pick<TaggedVersion, 'application' | 'version'>) =>
  keyOf(`${application} ${version}`);

export const environments = [
  { name: 'Development', key: keyOf('environment Development'), type: 'Development' },
  { name: 'Production', key: keyOf('environment Production'), type: 'Production' },
] as const;

const taggedFile = (folder: string) => join(folder, 'development.json');
const deploymentsFile = (folder: string) => join(folder, 'lifetime.json');

/** In the order in which they were tagged. */
export const listTagged = (folder: string) => read<TaggedVersion>(taggedFile(folder));
export const listDeployments = (folder: string) => read<LocalDeployment>(deploymentsFile(folder));
export const keepDeployments = (folder: string, all: readonly LocalDeployment[]) =>
  writeWhole(deploymentsFile(folder), `${JSON.stringify(all, undefined, 2)}\n`);

/** Tags a version in Development; the newest of an application is the one that is staged. */
export async function tagVersion(folder: string, tagged: TaggedVersion): Promise<void> {
  const file = taggedFile(folder);
  await withLock(`${file}.lock`, async () => {
    const others = (await read<TaggedVersion>(file)).filter((one) => versionKeyOf(one) !== versionKeyOf(tagged));
    await writeWhole(file, `${JSON.stringify([...others, tagged], undefined, 2)}\n`);
  });
}

async function read<T>(file: string): Promise<T[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '[]';
    throw error;
  });
  return JSON.parse(text) as T[];
}
