/** A zone as one of its applications has it. */
import type { ConditionSettings } from '../conditions';
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

/** Those of one zone alone. */
export function conditionsIn(settings: Settings, name: string): ConditionSettings[] {
  const only = <Of>(of: Readonly<Record<string, Of>>) =>
    Object.fromEntries(Object.entries(of).filter(([zone]) => zone === name));
  const own = Object.entries(settings.own ?? {}).map(([application, inZones]) => [application, only(inZones)] as const);
  return conditionsOf({ ...settings, zones: only(settings.zones), own: Object.fromEntries(own) });
}

/** The conditions of every zone, those of its test routes, and those of every application that has its own. */
export function conditionsOf({ zones, own = {} }: Settings): ConditionSettings[] {
  const each = Object.values(own).flatMap((inZones) => Object.values(inZones));
  const theirs = each.flatMap((one) => ('zone' in one ? [one.zone] : []));
  return [...Object.values(zones), ...theirs]
    .flatMap(({ otherListeners = [], ...first }) => [first, ...otherListeners])
    .flatMap(({ conditions, testRoute }) => [
      ...conditions,
      ...(testRoute ? [{ header: testRoute.header, values: [testRoute.value] }] : []),
    ]);
}
