/** The end of what a task printed. What it printed is set in: only cutover's own headings begin a line. */
import type { Serving } from '../../planning/observed/blue';
import type { TaskLog } from '../../contract/questions';
import { colors } from '../../terminal/colors';

export function formatTaskLog({ task, service, status, lines }: TaskLog): string[] {
  const shown = lines.map(({ at, text }) => (at === null ? text : `${colors.dim(at)}  ${text}`));
  const heading = colors.bold(`${service} ${task} (${status})`);
  return [heading, ...(shown.length > 0 ? shown : ['(it logged nothing)']).map((line) => `  ${line}`)];
}

/** Why there is nothing to print, by what serves. */
export const formatNoTask = (application: string, { servedBy }: Pick<Serving, 'servedBy'>): string =>
  servedBy === 'platform-server'
    ? `${application} has no task in containers: the Platform Server serves it.`
    : `${application} has no task, and none that stopped within the last hour.`;
