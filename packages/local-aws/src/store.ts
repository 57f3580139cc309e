/**
 * Keeps the state in one file, so that it survives `kill -9` at any moment: the file is written whole under another name,
 * synced, and renamed. Changes that come during a write share the next one. An answer waits for `saved()`, so that a crash
 * can't undo what was answered.
 */
import { open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from './processes/folders';
import { emptyState, type AwsState } from './state';

export interface Store {
  readonly state: AwsState;
  /** To be called after every change of `state`. */
  changed(): void;
  /** Resolves when everything changed so far is on disk; rejects when it can't be written. */
  saved(): Promise<void>;
  /** Calls the listener with each state that was written, as JSON. */
  onWrite(listener: (text: string) => void): void;
}

/**
 * Opens the store of a folder, or makes one.
 * @throws {Error} when the folder can't be made, or its file isn't a state of the local AWS
 */
export async function openStore(folder: string): Promise<Store> {
  await makeFolder(folder);
  const file = join(folder, 'state.json');
  const state = await readState(file);
  const listeners: ((text: string) => void)[] = [];
  let changes = 0;
  let written = 0;
  let writing: Promise<void> | undefined;
  const write = async (): Promise<void> => {
    const upTo = changes;
    try {
      const text = JSON.stringify(state);
      await writeWhole(file, text);
      written = upTo;
      listeners.forEach((listener) => listener(text));
    } finally {
      writing = undefined;
    }
  };
  return {
    state,
    onWrite: (listener) => listeners.push(listener),
    changed: () => {
      changes++;
    },
    saved: async () => {
      const upTo = changes;
      while (written < upTo) {
        // The present write may have begun before the change; then one more is needed.
        writing ??= write();
        await writing;
      }
    },
  };
}

/**
 * The state as it was last written; the empty one when there is no file.
 * @throws {Error} of one sentence when the file isn't a state of the local AWS
 */
export async function readState(file: string): Promise<AwsState> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return emptyState();
  const state = parse(text);
  if (state?.format !== 1) throw new Error(`${file} isn't a state of the local AWS. Move it away to start afresh.`);
  const empty = emptyState();
  return { ...empty, ...state, autoscaling: { ...empty.autoscaling, ...state.autoscaling } };
}

function parse(text: string): AwsState | undefined {
  try {
    return JSON.parse(text) as AwsState;
  } catch {
    return undefined;
  }
}

async function writeWhole(file: string, text: string): Promise<void> {
  // The secrets of roles are in it.
  const handle = await open(`${file}.new`, 'w', 0o600);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(`${file}.new`, file);
}
