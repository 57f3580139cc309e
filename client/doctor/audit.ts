/** What the doctor finds out about approvals and the audit trail: lines that aren't written yet, and broken glass. */
import { trailIdOf, type TrailStatus } from '../../contract/audit';
import type { OpenGlass } from '../../contract/countersigning';
import { finding } from '../../contract/questions';
import type { Finding } from '../../planning/doctor';
import { formatGlass } from '../approvals/glasses';

/** @param trail `undefined` where nothing was ever written */
export function examineTrail(zone: string, trail: TrailStatus | undefined): Finding[] {
  if (trail === undefined) return [];
  const { head, waiting } = trail;
  const check = 'audit trail';
  const says = head === null ? 'nothing is written yet' : `written up to line ${head.sequence}`;
  if (waiting === 0) return [finding({ check, state: 'ok', says })];
  const next = `If they don't get fewer: the pending activity of the workflow ${trailIdOf(zone)} says why. Deployments don't wait for it.`;
  return [finding({ check, state: 'warning', says: `${says}, and ${waiting} lines wait`, next })];
}

export const examineGlasses = (glasses: readonly OpenGlass[]): Finding[] =>
  glasses.map((glass) =>
    finding({
      check: 'countersignatures',
      state: 'warning',
      says: `${glass.workflow} was approved by ${formatGlass(glass)}`,
      next: `Somebody else looks at it: cutover countersign ${glass.workflow} --sign KEYFILE.`,
      application: glass.application.name,
    }),
  );
