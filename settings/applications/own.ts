/** Each application's zone with the application's own settings in it, read by the zone's schema like any other. */
import type { z } from 'zod';
import { zoneSchema, type OwnZones } from '../schema';
import { findWritten, mergeSettings, namedPath, ownMembers } from './merge';

/** What is wrong with a setting, where it stands below the application, and how far the file has that. */
export interface OwnFault {
  readonly application: string;
  /** As people read it, e.g. `service.launchType`. */
  readonly where: string;
  /** The part of it that the application has in the file. */
  readonly written: readonly string[];
  readonly issue: z.core.$ZodIssue;
  readonly zone: string;
}

/** The file's content, as far as it is looked into here. */
interface Written {
  readonly zones: Readonly<Record<string, unknown>>;
  readonly applications?: Readonly<Record<string, unknown>>;
}

/** What an application says that a zone could say, too. */
export const ownOf = (application: unknown): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(application ?? {}).filter(([name]) => (ownMembers as readonly string[]).includes(name)),
  );

/** The zones of every application that has settings of its own. @param explain the sentence for a fault */
export function readOwnZones(written: unknown, explain: (fault: OwnFault) => string): OwnZones {
  const { zones, applications = {} } = written as Written;
  return Object.fromEntries(
    Object.entries(applications)
      .map(([application, value]) => [application, ownOf(value)] as const)
      .filter(([, own]) => Object.keys(own).length > 0)
      .map(([application, own]) => {
        const each = Object.entries(zones).map(([zone, value]) => {
          const merged = mergeSettings(value, own);
          const { data, error } = zoneSchema.safeParse(merged);
          if (data) return [zone, { zone: data }] as const;
          const faults = error.issues.map((issue) =>
            explain({ application, zone, issue, ...placed(issue, merged, own) }),
          );
          return [zone, { fault: faults.join('\n') }] as const;
        });
        return [application, Object.fromEntries(each)];
      }),
  );
}

function placed({ path }: z.core.$ZodIssue, merged: unknown, own: unknown): Pick<OwnFault, 'where' | 'written'> {
  const named = namedPath(path, merged);
  return { where: named.join('.'), written: findWritten(named, own).path };
}

/** What fits no zone at all: the first zone's fault of each such application. */
export const faultsOfAll = (own: OwnZones): string[] =>
  Object.values(own).flatMap((zones) => {
    const [first, ...more] = Object.values(zones).map((one) => ('fault' in one ? one.fault : undefined));
    return first !== undefined && more.every((fault) => fault !== undefined) ? [first] : [];
  });
