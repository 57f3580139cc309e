/**
 * Which target groups share listener rules, and whether one of them has sticky sessions: AWS takes a rule with several groups,
 * one of them sticky, only where the rule is sticky itself.
 */
import type { Green } from './green';
import { isSticky } from './target-group';
import type { Blue } from '../observed/blue';
import type { Leftover } from '../observed/leftovers';
import type { Observed, ObservedSlot, PlannableApplication } from '../observed/observed';

/** What a deployment puts into rules beside blue. */
export interface BesideBlue {
  readonly green: Green;
  /** They stay attached to the test route until they are drained. */
  readonly leftovers: readonly Leftover[];
}

/** Whether a rule of a deployment may hold a sticky group beside another; the Platform Server's is in none but shares. */
export const stickyRules = (observed: Observed, blue: Blue, { green, leftovers }: BesideBlue): boolean =>
  isSticky(greenAttributes(observed, green)) ||
  (blue.kind !== 'platformServer' && isSticky(blueAttributes(observed, blue))) ||
  stickySlots(
    observed,
    leftovers.map(({ targetGroupArn }) => targetGroupArn),
  );

/** Whether blue or green has sticky sessions: its clients stay whatever the weights say. */
export const stickyShares = (observed: Observed, blue: Blue, green: Green): boolean =>
  isSticky(greenAttributes(observed, green)) || isSticky(blueAttributes(observed, blue));

/** Whether a target group of a removal's test route has: the Platform Server's, or one of those that are drained. */
export const stickyRemoval = (observed: PlannableApplication, drained: readonly (string | null)[]): boolean =>
  isSticky(observed.platformServerAttributes) || stickySlots(observed, drained);

/** A slot that is used again keeps the attributes that a plan doesn't name. */
const greenAttributes = ({ slots }: Observed, { slot, targetGroup }: Green) => ({
  ...slots.find((one) => one.slot === slot)?.attributes,
  ...targetGroup.attributes,
});

function blueAttributes({ slots, foreign, platformServerAttributes }: Observed, blue: Blue) {
  if (blue.kind === 'platformServer') return platformServerAttributes;
  if (blue.kind === 'adopted') return foreign?.attributes;
  return slots.find(({ slot }) => slot === blue.slot)?.attributes;
}

const stickySlots = ({ slots }: { readonly slots: readonly ObservedSlot[] }, arns: readonly (string | null)[]) =>
  slots.some(
    ({ targetGroupArn, attributes }) =>
      targetGroupArn !== null && arns.includes(targetGroupArn) && isSticky(attributes),
  );
