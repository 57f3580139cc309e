/** What is live, in words that the command line and the Temporal UI share. */
import type { DeploymentStatus, Live } from './runbook-requests';

/** What serves where no slot does. */
export const notInSlot = ({ servedBy, image }: Live): string =>
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
