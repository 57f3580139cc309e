/** Edits a stack's `cutover.yaml`, and leaves what people wrote into it as it is, comments included. */
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { withLock, writeWhole } from '../../packages/local-aws/src/index';
import type { InstalledApplication } from '../platform-server/applications';

type Value = string | number | boolean | null | readonly Value[] | { readonly [name: string]: Value };

/** A value and its path; undefined removes what is there. */
export interface SettingsChange {
  readonly path: readonly string[];
  readonly value: Value | undefined;
}

/** Applies changes to a settings file, and returns whether the file exists. */
export async function changeSettings(file: string, changes: readonly SettingsChange[]): Promise<boolean> {
  return await withLock(`${file}.lock`, async () => {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return false;
    const document = parseDocument(text);
    if (document.errors[0] !== undefined) throw new Error(`${file} is not YAML: ${document.errors[0].message}`);
    for (const { path, value } of changes) {
      if (value === undefined) document.deleteIn(path);
      else document.setIn(path, document.createNode(value));
    }
    const changed = document.toString({ lineWidth: 0 });
    if (changed !== text) await writeWhole(file, changed);
    return true;
  });
}

/** The changes that add an installed application to the settings, so that it can be deployed. */
export function registration({ application, key, modules }: InstalledApplication): SettingsChange[] {
  return [
    { path: ['applications', application, 'key'], value: key },
    { path: ['applications', application, 'modules'], value: modules },
  ];
}
