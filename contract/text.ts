/** Texts that the command line and the Temporal UI share: what is live, shares of traffic, and moments. */
import type { DeploymentStatus } from './status';
import type { Serving } from '../planning/observed/blue';

/** What serves where no slot does. */
export const notInSlot = ({ servedBy, image }: Serving): string =>
  servedBy === 'platform-server' ? 'the Platform Server' : `a service of another tool, ${image ?? 'an unknown image'}`;

/**
 * By the rules' weights, while they may still change, e.g. `green 10 %, blue 90 %`; `null` where none are known. What is live
 * becomes green only with the proof, so between the cut and that it is said what is missing.
 */
export function describeShares(status: DeploymentStatus): string | null {
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
