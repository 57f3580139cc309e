/**
 * What somebody else changed of a target group that a deployment relies on: green's as it was set, and blue's as it was found.
 * Names and values are AWS's, so that people find them in the console.
 */
import type { Blue } from './blue';
import type { ObservedSlot, TargetGroupSettings } from './observed';

/** A target group and what it must still be like. */
export interface ReliedTargetGroup {
  readonly arn: string;
  readonly settings: TargetGroupSettings;
}

/** Blue's target group, where a slot serves: the Platform Server's and another tool's are not ours to watch. */
export function reliedOfBlue(blue: Blue, slots: readonly ObservedSlot[]): ReliedTargetGroup | null {
  if (blue.kind !== 'slot') return null;
  const found = slots.find(({ slot }) => slot === blue.slot);
  return { arn: blue.targetGroupArn, settings: { ...found?.healthCheck, ...found?.attributes } };
}

/** How a target group differs from what it was, `name: was → is` each; what it has besides doesn't count. */
export const drift = (was: TargetGroupSettings, is: TargetGroupSettings): string[] =>
  Object.entries(was)
    .filter(([name, value]) => !sameValue(value, is[name]))
    .map(([name, value]) => `${name}: ${formatSetting(value)} → ${formatSetting(is[name])}`);

/** AWS may write a number in its own way. */
const sameValue = (one: string, other: string | undefined) =>
  one === other || (one !== '' && other !== undefined && other !== '' && Number(one) === Number(other));

const formatSetting = (value: string | undefined) => (value === undefined || value === '' ? 'none' : value);
