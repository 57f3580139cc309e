/** The dossier of a failure: what went wrong, what AWS says of it, what had changed already, and what is safe to do next. */
import type { Dossier, Evidence, Phase } from '../../contract/status';
import { phaseTexts } from '../text/phases';
import { stepFailure, type StepFailure } from './failures';
import type { RunbookState } from './state';

/** That AWS can't be asked is noted in the dossier and thrown no further: it must not hide the failure itself. */
export async function dossierOf(
  state: RunbookState,
  phase: Phase,
  { message: failure, gates }: Pick<StepFailure, 'message' | 'gates'>,
  collectEvidence: () => Promise<Evidence>,
): Promise<Dossier> {
  const known = {
    phase,
    failure,
    at: new Date().toISOString(),
    changed: changesOf(state, phase),
    next: nextSteps(state),
    ...(gates && { gates }),
  };
  try {
    return { ...known, ...(await collectEvidence()), unread: null };
  } catch (error) {
    const why = stepFailure(error);
    if (why === undefined) throw error;
    return { ...known, tasks: [], targets: [], events: [], unread: why.message };
  }
}

/** A step that failed may have done its change. */
function changesOf({ steps, way }: RunbookState, failed: Phase): string[] {
  const begun = new Set([...steps.map(({ phase }) => phase), failed]);
  return Object.entries(phaseTexts[way].changed).flatMap(([phase, change]) =>
    begun.has(phase as Phase) ? [change] : [],
  );
}

function nextSteps({ restorable, rollingBack, way }: RunbookState): string {
  const { rollback, stays } = phaseTexts[way];
  if (rollingBack) return 'Retry goes on with the rollback; nothing else happens until then.';
  if (restorable) return `Retry runs this step again and changes nothing twice; rollback ${rollback}.`;
  return `${stays}; retry runs this step again, and without one it ends with what is left over reported.`;
}
