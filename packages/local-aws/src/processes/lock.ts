/** A lock between processes: a file that names its holder. When the holder has ended, the lock is free. */
import { randomUUID } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeFolder } from './folders';
import { describeProcess, isRunning, type ProcessIdentity } from './process-identity';

const retryMs = 20;

/** Does the work while holding the lock. Waits for the lock as long as another holder runs. */
export async function withLock<T>(file: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(dirname(file));
  const identity = JSON.stringify(describeProcess(process.pid));
  const mine = `${file}.${randomUUID()}`;
  await writeFile(mine, identity);
  try {
    while (!(await take(mine, file))) await clearAbandoned(file);
  } finally {
    await rm(mine, { force: true });
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

/** A link appears together with its content, unlike a file that is opened and then written. */
async function take(mine: string, file: string): Promise<boolean> {
  return await link(mine, file).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

async function clearAbandoned(file: string): Promise<void> {
  const holder = await readHolder(file);
  if (holder === undefined || isRunning(holder)) return await sleep(retryMs);
  const taken = `${file}.${randomUUID()}`;
  await rename(file, taken).catch(() => undefined);
  const removed = await readHolder(taken);
  // Another process had cleared it first, and a third had taken it since: that one gets its lock back.
  if (removed !== undefined && isRunning(removed)) await link(taken, file).catch(() => undefined);
  await rm(taken, { force: true });
}

async function readHolder(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
}
