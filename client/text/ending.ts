/** How a deployment ended, in a sentence. */
import type { Outcome } from '../../contract/status';
import { formatServing, imageOf } from '../../contract/text';
import type { Ending } from '../deployments';

const endings: Readonly<Record<Outcome, string>> = {
  completed: 'Completed',
  rolledBack: 'Rolled back',
  failed: 'Failed',
  terminated: 'Terminated',
};

/** `Completed: slot b serves orders:1.4.2.` */
export function formatEnding(ending: Ending): string {
  if ('failure' in ending) return `${endings[ending.outcome ?? 'failed']}: ${ending.failure}`;
  const { live, outcome, failure, note } = ending.result;
  const serving = live.slot === null ? `${formatServing(live)} serves` : `slot ${live.slot} serves ${imageOf(live)}`;
  const why = [failure, note].flatMap((text) => (text === null ? [] : [` (${text})`])).join('');
  return `${endings[outcome]}: ${serving}${why}.`;
}
