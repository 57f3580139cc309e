/**
 * Whose copies are in a configuration store, and their end. Copies are named by their content, so applications may share one:
 * each says beside it, in `.owners/<zone> <ApplicationKey>/<SHA-256>`, that it needs it. What is written there is another each
 * time, so that whoever looked before knows whether it was said again.
 *
 * Invariants: an application says so before it looks whether the copy is there. A copy is taken away in one rename, and put
 * back when somebody says meanwhile that he needs it. One that nobody ever said anything of stays.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An application as the store knows it. */
export interface CopyOwner {
  readonly zone: string;
  /** A GUID. */
  readonly key: string;
}

const owners = '.owners';
const sha256 = /^[0-9a-f]{64}$/;

const markFolder = (store: string, { zone, key }: CopyOwner) =>
  join(store, owners, `${zone} ${encodeURIComponent(key.toLowerCase())}`);

/** Effect: one small file. Idempotent. */
export async function markCopy(store: string, owner: CopyOwner, copy: string): Promise<void> {
  await mkdir(markFolder(store, owner), { recursive: true });
  await writeFile(join(markFolder(store, owner), copy), randomUUID());
}

/** A copy that an application needs or has needed. */
export interface OwnedCopy {
  readonly sha256: string;
  /** As it was said last. */
  readonly mark: string;
}

/** All of the application's. */
export async function describeCopies(store: string, owner: CopyOwner): Promise<OwnedCopy[]> {
  const folder = markFolder(store, owner);
  const names = (await namesIn(folder)).filter((name) => sha256.test(name));
  return await Promise.all(
    names.map(async (name) => ({ sha256: name, mark: await readFile(join(folder, name), 'utf8') })),
  );
}

/**
 * Takes the application's marks away, unless they were set again since, and with them the copies that no other one needs.
 * Effect: these files, one copy after the other. Idempotent: what is gone is gone.
 */
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
  // Who said so since has found it, or has made it anew: then this fails, and that one stays.
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
