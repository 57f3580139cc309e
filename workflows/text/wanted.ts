/** What is wanted of people now, and what happens by itself if they do nothing: the sentences of the status. */
import { endsBakeInTime, type RunbookState } from '../engine/state';
import { phaseTexts } from './phases';

/** One sentence or two; `null` when nothing is wanted. A pause comes first, and then the question that waits besides. */
export function formatWanted(state: RunbookState): string | null {
  const { missing, paused, restorable } = state;
  if (missing !== null) return missing;
  const question = formatQuestion(state);
  if (!paused) return question;
  const stays = nextByItself(state) === null ? ', and stays so' : '';
  const pause = `It is paused${stays}: resume to go on${restorable ? ', or roll back' : ''}.`;
  return question === null ? pause : `${pause} ${question}`;
}

function formatQuestion(state: RunbookState): string | null {
  const { waiting, request, heldIn, way, steps, restorable } = state;
  switch (waiting?.for) {
    case 'approval': {
      const usual = isBeforeStart(steps) ? beforeStart(request.image) : phaseTexts[way].approval(request.image);
      const asked = state.question ?? usual;
      const question = [withApprovals(state, asked), formatSick(state) ?? []].flat().join(' ');
      return request.deadline === undefined ? question : `${question} ${platformWaits}`;
    }
    case 'retry':
      return `Step ${heldIn} failed: mend the cause and retry${restorable ? ', or roll back' : ''}.`;
    default:
      return null;
  }
}

/** What whoever answers should know, a sentence or two; `null` while green is well. */
export const formatSick = ({ sick }: Pick<RunbookState, 'sick'>): string | null =>
  sick === null
    ? null
    : `Green is sick: ${sick} It is looked at once more when it is approved, and nothing moves unless it is well.`;

/** Whose approvals are wanted, and whether a cut may begin. */
function withApprovals({ approvals }: RunbookState, question: string): string {
  if (approvals?.moment == null) return question;
  const { asks, missing, demand, counted, closed } = approvals;
  const left = demand.approvers.filter((name) => counted.every(({ approver }) => approver !== name));
  const wanted = `${question} ${missing} of ${demand.minimum} signed approvals are missing, of ${left.join(', ')}.`;
  const parts = [...(asks && missing > 0 ? [wanted] : []), ...(closed === null ? [] : [closed])];
  return parts.length > 0 ? parts.join(' ') : question;
}

const isBeforeStart = (steps: RunbookState['steps']) => !steps.some(({ phase }) => phase === 'prepare');
const beforeStart = (image: string | null) =>
  `Nothing was changed so far: approve to start ${image ?? 'it'}, or reject.`;
const platformWaits =
  'The OutSystems platform waits for this, and nothing else of its environment can be deployed meanwhile.';

interface Next {
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** What happens then, a sentence. */
  readonly what: string;
}

/**
 * What happens by itself, and when: the wait that is on now ends, or the platform's clock runs out, whichever is first; `null`
 * when nothing does. A bake that is over leads nowhere while the deployment is paused.
 */
export function nextByItself(state: RunbookState): Next | null {
  const wait = state.paused && state.waiting?.for === 'bake' ? null : (state.waiting?.until ?? null);
  const platform = state.outcome === null ? platformDeadline(state) : null;
  if (platform !== null && (wait === null || platform < wait))
    return { at: platform, what: formatAfterPlatform(state) };
  return wait === null ? null : { at: wait, what: formatAfterWait(state) };
}

/** When the platform's clock decides, in milliseconds since the epoch; `null` when it doesn't, or no more. */
export const platformDeadline = ({
  request: { deadline },
  restorable,
}: Pick<RunbookState, 'request' | 'restorable'>): number | null =>
  deadline === undefined || !restorable ? null : Date.parse(deadline);

const formatAfterPlatform = (state: RunbookState): string =>
  endsBakeInTime(state)
    ? 'The bake ends, so that the OutSystems platform is told in time.'
    : `By itself it ${phaseTexts[state.way].rollback}: the OutSystems platform waits no longer.`;

function formatAfterWait({ waiting, restorable, way, greenPercent, afterBake }: RunbookState): string {
  if (waiting?.for === 'bake')
    return way === 'blueGreen' && greenPercent !== null && greenPercent < 100
      ? 'The bake ends, and green gets its next share of live traffic.'
      : (afterBake ?? phaseTexts[way].afterBake);
  return restorable ? `It ${phaseTexts[way].rollback}.` : 'It ends, with what is left over reported.';
}
