/** A zone as one of its applications has it. */
import type { OwnZone, Settings } from '../schema';

/**
 * A zone as an application has it: with what is its own in it. `undefined` where there is no such zone.
 * @param application as the settings call it; `undefined` where they don't know it
 */
export function zoneOf({ own = {}, zones }: Settings, zone: string, application?: string): OwnZone | undefined {
  if (!Object.hasOwn(zones, zone) || !zones[zone]) return undefined;
  const found = application !== undefined && Object.hasOwn(own, application) ? own[application]?.[zone] : undefined;
  return found ?? { zone: zones[zone] };
}
