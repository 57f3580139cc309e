/** Texts that the command line and the Temporal UI share: what serves, shares of traffic, and points in time. */
import type { Serving } from '../planning/observed/blue';
import type { DeploymentStatus } from './status';

/** E.g. `slot a, orders:1.4.2`, or `the Platform Server`. */
export function formatServing({ elsewhere = {}, ...serving }: Serving): string {
  const others = Object.entries(elsewhere).map(([through, other]) => `; through ${through} ${formatServing(other)}`);
  return `${formatOne(serving)}${others.join('')}`;
}

function formatOne(serving: Serving): string {
  if (serving.slot !== null) return `slot ${serving.slot}, ${imageOf(serving)}`;
  return serving.servedBy === 'platform-server'
    ? 'the Platform Server'
    : `a service of another tool, ${imageOf(serving)}`;
}

/** The image that serves, where it is known. */
export const imageOf = ({ image }: Serving): string => image ?? 'an unknown image';

/**
 * By the rules' weights, while they may still change, e.g. `green 10 %, blue 90 %`; `null` where none are known. With all of
 * the traffic, and until that is proven, green is called not proven yet.
 */
export function formatShares(status: DeploymentStatus): string | null {
  const { greenPercent, outcome, phase, heldIn } = status;
  if (greenPercent === null || outcome !== null) return null;
  const step = heldIn ?? phase;
  const isUnproven = greenPercent === 100 && (step === 'shift' || step === 'settle');
  return `green ${greenPercent} %, blue ${100 - greenPercent} %${isUnproven ? ', not proven yet' : ''}`;
}

/** `2026-11-22 03:14:15`. */
export const dateAndTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ');

/** `03:14:15`. */
export const timeOfDay = (iso: string): string => iso.slice(11, 19);
