/** Every setting that holds for an application, and where it comes from. */
import { writtenOf } from '../load';
import type { Settings, ZoneSettings } from '../schema';
import { defaultsOf } from './defaults';
import { mergeSettings, valuesOf } from './merge';
import { originOf } from './origins';
import { ownOf } from './own';

export interface HoldingSetting {
  /** An entry of a list by its name, e.g. `['container', 'port']`. */
  readonly path: readonly string[];
  /** In the words of the file. */
  readonly value: unknown;
  /** A `default` of a service or a target group holds where the one that serves doesn't say. */
  readonly from: 'zone' | 'application' | 'default';
  /** As `cutover.yaml:12`; `null` for a default. */
  readonly place: string | null;
}

/** @param own the zone as the application has it. @returns by path, what is written first */
export function holdingSettings(
  settings: Settings,
  { zone, application }: { readonly zone: string; readonly application: string },
  own: ZoneSettings,
): HoldingSetting[] {
  const { zones, applications } = writtenOf(settings) as Readonly<Record<string, Record<string, unknown> | undefined>>;
  const written = mergeSettings(ownOf(zones?.[zone]), ownOf(applications?.[application]));
  const all = mergeSettings(defaultsOf(own), written);
  // `null` in the file is no value: what is taken away there has its default again.
  const isWritten = new Set(valuesOf(written).map(([path]) => keyOf(path)));
  return valuesOf(all)
    .filter(([path]) => path.length > 0)
    .map(([path, value]) => {
      const origin = originOf(settings, { zone, application }, path);
      const holds = origin && isWritten.has(keyOf(path));
      return { path, value, from: holds ? origin.from : 'default', place: holds ? origin.place : null };
    });
}

const keyOf = (path: readonly string[]): string => path.join('\0');
