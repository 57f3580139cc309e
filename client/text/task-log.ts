/** The end of what a task printed. */
import type { TaskLog } from '../../contract/questions';
import { colors } from './colors';

export function formatTaskLog({ task, service, status, lines }: TaskLog): string {
  const shown = lines.map(({ at, text }) => (at === null ? text : `${colors.dim(at)}  ${text}`));
  const heading = colors.bold(`${service} ${task} (${status})`);
  return [heading, ...(shown.length > 0 ? shown : ['(it logged nothing)'])].join('\n');
}
