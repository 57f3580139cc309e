/** Which application in which zone a command is about: what was typed, checked against the settings. */
import { settingsFile } from '../settings/file';
import type { Settings } from '../settings/schema';
import { Refused } from './errors';
import type { CommonOptions } from './options';

/** An application in a zone. */
export interface Target {
  readonly zone: string;
  readonly application: string;
}

/**
 * Reads `Orders`, which is in the default zone, or `production/Orders`.
 * @throws {Refused} as {@link chosenZone}
 */
export function parseTarget(text: string, options: CommonOptions, settings: Settings): Target {
  const [first = '', ...rest] = text.split('/');
  if (rest.length > 0) return { zone: chosenZone({ zone: first }, settings), application: rest.join('/') };
  return { zone: chosenZone(options, settings), application: text };
}

/**
 * The zone that --zone names, else the settings' default, else their only one.
 * @throws {Refused} when there is none, or when the settings don't know it
 */
export function chosenZone({ zone }: CommonOptions, settings: Settings): string {
  const zones = Object.keys(settings.zones);
  const chosen = zone ?? settings.defaultZone ?? (zones.length === 1 ? zones[0] : undefined);
  if (chosen === undefined) throw new Refused(`Name the zone with --zone: ${zones.join(', ')}.`);
  if (Object.hasOwn(settings.zones, chosen)) return chosen;
  throw new Refused(`There is no zone ${chosen}: the settings know ${zones.join(', ')}.`);
}

/**
 * Reads an application that the settings know.
 * @throws {Refused} when they don't, before anything is started
 */
export function knownTarget(text: string, options: CommonOptions, settings: Settings): Target {
  const target = parseTarget(text, options, settings);
  if (Object.hasOwn(settings.applications, target.application)) return target;
  const known = Object.keys(settings.applications);
  throw new Refused(
    `There is no application ${target.application} in ${settingsFile(options.settings)}, which knows ${known.join(', ') || 'none'}: add it under "applications".`,
  );
}
