/** The dossier of a failure: what went wrong, what AWS says of it, what had changed already, and what is safe to do next. */
import { stepFailure } from './failures';
import type { Dossier, Evidence, Phase } from '../../contract/status';
import type { RunbookState } from './state';
import { wordings } from '../text/phases';

/** Never throws for a failed look: that AWS can't be asked is told in the dossier, and must not hide the failure itself. */
export async function dossierOf(
  state: RunbookState,
  phase: Phase,
  failure: string,
  examine: () => Promise<Evidence>,
): Promise<Dossier> {
  const told = {
    phase,
    failure,
    at: new Date().toISOString(),
    changed: changesOf(state, phase),
    next: nextSteps(state),
  };
  try {
    return { ...told, ...(await examine()), unread: null };
  } catch (error) {
    const why = stepFailure(error);
    if (why === undefined) throw error;
    return { ...told, tasks: [], targets: [], events: [], unread: why.message };
  }
}

/** A step that failed may have done its change. */
function changesOf({ steps, way }: RunbookState, failed: Phase): string[] {
  const begun = new Set([...steps.map(({ phase }) => phase), failed]);
  return Object.entries(wordings[way].changed).flatMap(([phase, change]) =>
    begun.has(phase as Phase) ? [change] : [],
  );
}

function nextSteps({ restorable, rollingBack, way }: RunbookState): string {
  const { back, stays } = wordings[way];
  if (rollingBack) return 'Retry goes on with the rollback; nothing else happens until then.';
  if (restorable) return `Retry runs this step again and changes nothing twice; rollback ${back}.`;
  return `${stays}; retry runs this step again, and without one it ends with what is left over reported.`;
}
