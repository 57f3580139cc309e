/**
 * What the proxy saves, so that it goes on after being killed as if nothing had happened: the last configuration, and the
 * targets' health, without which it would fail open or refuse everything until the first checks.
 *
 * Invariant: a file is always whole; it is written under another name first.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../processes/folders';
import type { DataPlaneConfiguration } from '../configuration';
import type { TargetHealth } from '../targets/target-health';

export interface SavedState {
  readonly configuration: DataPlaneConfiguration | undefined;
  readonly health: ReadonlyMap<string, TargetHealth>;
}

/** The name changes when an earlier one's content can't be used: it is ignored then. */
const configurationFile = 'data-plane.json';
const healthFile = 'health.json';

/** A file that doesn't exist or can't be read is ignored: the control plane sends everything again. */
export async function loadState(folder: string): Promise<SavedState> {
  await makeFolder(folder);
  const configuration = await readJson<DataPlaneConfiguration>(join(folder, configurationFile));
  const health = await readJson<[string, TargetHealth][]>(join(folder, healthFile));
  return { configuration, health: new Map(health) };
}

async function readJson<T>(path: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}

export interface StateKeeper {
  saveConfiguration(configuration: DataPlaneConfiguration): Promise<void>;
  /** Writes it soon; a later state replaces one that wasn't written yet. */
  saveHealth(health: () => ReadonlyMap<string, TargetHealth>): void;
  /** Resolves when everything is written. */
  settled(): Promise<void>;
}

export function createStateKeeper(folder: string, onError: (error: unknown) => void): StateKeeper {
  let writing: Promise<void> = Promise.resolve();
  let healthWaits = false;
  const inTurn = (write: () => Promise<void>): Promise<void> => {
    const mine = writing.then(write);
    writing = mine.catch(onError);
    return mine;
  };
  return {
    saveConfiguration: (configuration) => inTurn(() => writeWhole(join(folder, configurationFile), configuration)),
    saveHealth(health) {
      if (healthWaits) return;
      healthWaits = true;
      void inTurn(async () => {
        healthWaits = false;
        await writeWhole(join(folder, healthFile), [...health()]);
      }).catch(() => undefined);
    },
    settled: () => writing,
  };
}

/** Only its owner may read it: listeners have certificates with their keys, and sessions are signed with a key that is in it. */
async function writeWhole(path: string, content: unknown): Promise<void> {
  await rm(`${path}.new`, { force: true });
  await writeFile(`${path}.new`, JSON.stringify(content), { mode: 0o600 });
  await rename(`${path}.new`, path);
}
