/**
 * Which applications need the copies in a configuration store, and how copies are removed. Copies are named by their content, so
 * applications may share one: each marks the copies that it needs with a file `.owners/<zone> <ApplicationKey>/<SHA-256>`. The
 * content of that file is new each time, so that a mark which was set again since it was read can be recognized.
 *
 * Invariants: an application sets its mark before it looks whether the copy exists. A copy is taken away in one rename, and put
 * back when another application has marked it meanwhile. A copy without any mark ever stays.
 */
import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDeploymentId } from '../../contract/ids';
import { guid } from '../../settings/identifiers';
import type { FolderAccess } from './zone-folders';

/** An application as a configuration store identifies it. */
export interface CopyOwner {
  readonly zone: string;
  /** A GUID. */
  readonly key: string;
}

/** A copy that an application needs or has needed. */
export interface OwnedCopy {
  readonly sha256: string;
  /** The content of the mark when it was read. */
  readonly mark: string;
}

export const copyActivities = ({ settings, inFolder }: FolderAccess) => {
  const storeOf = (owner: CopyOwner) => {
    refuseOthers(owner);
    const { zones } = settings();
    return Object.hasOwn(zones, owner.zone) ? zones[owner.zone]?.configuration?.store : undefined;
  };
  return {
    /** The copies of configurations that the application needs or has needed; none where the zone has no store. */
    async describeCopies(owner: CopyOwner): Promise<OwnedCopy[]> {
      const store = storeOf(owner);
      if (store === undefined) return [];
      return await inFolder(owner.zone, 'configurations', () => describeCopies(store, owner));
    },

    /**
     * Removes the application's marks on these copies, unless they were set again since, and the copies that no other
     * application needs.
     * Effect: these files, one copy after the other. Idempotent: what is gone stays gone.
     * @throws {Error} the file system's; a retry continues
     */
    async removeCopies(owner: CopyOwner, copies: readonly OwnedCopy[]): Promise<void> {
      const store = storeOf(owner);
      if (store === undefined) return;
      await inFolder(owner.zone, 'configurations', () => removeCopies(store, owner, copies));
    },
  };
};

/** A copy that another application's replicas have mounted is nobody else's to take away. */
function refuseOthers({ zone, key }: CopyOwner): void {
  const { workflowId = '' } = Context.current().info.workflowExecution ?? {};
  if (parseDeploymentId(workflowId).zone === zone && guid().safeParse(key).success) return;
  throw ApplicationFailure.nonRetryable(
    `${JSON.stringify(`${zone} ${key}`)} is no application of the zone whose deployment asks: nothing was touched.`,
    'InvalidRequest',
  );
}

const owners = '.owners';
const sha256 = /^[0-9a-f]{64}$/;

const markFolder = (store: string, { zone, key }: CopyOwner) =>
  join(store, owners, `${zone} ${encodeURIComponent(key.toLowerCase())}`);

/** Marks a copy as needed by an application. Effect: one small file. Idempotent. */
export async function markCopy(store: string, owner: CopyOwner, copy: string): Promise<void> {
  await mkdir(markFolder(store, owner), { recursive: true });
  await writeFile(join(markFolder(store, owner), copy), randomUUID());
}

/** Every copy that the application has marked. */
export async function describeCopies(store: string, owner: CopyOwner): Promise<OwnedCopy[]> {
  const folder = markFolder(store, owner);
  const names = (await namesIn(folder)).filter((name) => sha256.test(name));
  return await Promise.all(
    names.map(async (name) => ({ sha256: name, mark: await readFile(join(folder, name), 'utf8') })),
  );
}

/** Removes marks, and copies that have none left, as the activity of this name. */
export async function removeCopies(store: string, owner: CopyOwner, copies: readonly OwnedCopy[]): Promise<void> {
  for (const { sha256: copy, mark } of copies) {
    const file = join(markFolder(store, owner), copy);
    if (!sha256.test(copy) || (await readFile(file, 'utf8').catch(() => mark)) !== mark) continue;
    await rm(file, { force: true });
    if (!(await isNeeded(store, copy))) await removeCopy(store, copy);
  }
}

async function removeCopy(store: string, copy: string): Promise<void> {
  const taken = join(store, `${copy}.${randomUUID()}`);
  try {
    await rename(join(store, copy), taken);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    throw error;
  }
  // An application that has marked it since may have written it anew: then this rename fails, and the new one stays.
  if (await isNeeded(store, copy)) await rename(taken, join(store, copy)).catch(() => undefined);
  await rm(taken, { recursive: true, force: true });
}

async function isNeeded(store: string, copy: string): Promise<boolean> {
  for (const owner of await namesIn(join(store, owners)))
    if ((await namesIn(join(store, owners, owner))).includes(copy)) return true;
  return false;
}

async function namesIn(folder: string): Promise<string[]> {
  return await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
