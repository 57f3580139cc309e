/** Where the settings that hold for an application are written: in its own part of the file, or in its zone's. */
import { placeOf, writtenOf } from '../load';
import type { Settings } from '../schema';
import { findWritten } from './merge';
import { ownOf } from './own';

/** An application in a zone; without a name it has nothing of its own. */
interface Whose {
  readonly zone: string;
  readonly application?: string | undefined;
}

export interface Written {
  readonly from: 'zone' | 'application';
  /** As `cutover.yaml:12`. */
  readonly place: string;
}

/** @param path below the zone, an entry of a list by its name, e.g. `container.port`; `undefined` where it is nowhere */
export function originOf(
  settings: Settings,
  { zone, application }: Whose,
  path: readonly string[],
): Written | undefined {
  const { zones, applications } = writtenOf(settings) as Readonly<Record<string, Record<string, unknown>>>;
  const sources = [
    {
      from: 'application' as const,
      root: ['applications', application ?? ''],
      written: ownOf(applications?.[application ?? '']),
    },
    { from: 'zone' as const, root: ['zones', zone], written: zones?.[zone] },
  ];
  for (const { from, root, written } of sources) {
    const found = findWritten(path, written);
    const place = found.isWhole ? placeOf(settings, [...root, ...found.path]) : undefined;
    if (place !== undefined) return { from, place };
  }
  return undefined;
}

export const placeInSettings = (settings: Settings, whose: Whose, path: readonly string[]): string | undefined =>
  originOf(settings, whose, path)?.place;
