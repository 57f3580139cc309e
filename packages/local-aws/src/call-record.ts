/**
 * A record of which operations were called by which program, as its user agent says: one line each, added the first time. It
 * is kept in the folder, so that it survives the process; what permissions a program needs can be read off it.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const recordFile = (folder: string): string => join(folder, 'called.txt');

/** Notes a call, e.g. `ecs:ListClusters` by `aws-cli`. */
export function callRecorder(folder: string): (operation: string, userAgent: string) => void {
  const noted = new Set<string>();
  return (operation, userAgent) => {
    const line = `${operation} ${programOf(userAgent)}\n`;
    if (noted.has(line)) return;
    noted.add(line);
    appendFileSync(recordFile(folder), line);
  };
}

/** An SDK adds its caller's name at the end of its own: `aws-sdk-js/3… cutover/worker`. */
const programOf = (userAgent: string): string => (/(?:^|\s)cutover\//.test(userAgent) ? 'cutover' : 'other');

/** What cutover itself has called, e.g. `ecs:UpdateService`, since the folder is there. */
export function recordedOperations(folder: string): string[] {
  if (!existsSync(recordFile(folder))) return [];
  const lines = readFileSync(recordFile(folder), 'utf8').split('\n');
  return [...new Set(lines.flatMap((line) => /^(\S+) cutover$/.exec(line)?.[1] ?? []))].toSorted();
}
