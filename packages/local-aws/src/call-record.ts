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
    const line = `${[operation, ...new Set(programsOf(userAgent))].join(' ')}\n`;
    if (noted.has(line)) return;
    noted.add(line);
    appendFileSync(recordFile(folder), line);
  };
}

/** The names in a user agent. An SDK adds its caller's to its own: `aws-sdk-js/3… orders/worker`. */
const programsOf = (userAgent: string): string[] =>
  [...userAgent.matchAll(/(?:^|\s)([\w-]+)\//g)].map(([, name = '']) => name);

/** What a program has called, e.g. `ecs:UpdateService`, since the folder is there. */
export function recordedOperations(folder: string, program: string): string[] {
  if (!existsSync(recordFile(folder))) return [];
  const lines = readFileSync(recordFile(folder), 'utf8').split('\n');
  const called = lines.map((line) => line.split(' ')).filter(([, ...programs]) => programs.includes(program));
  return [...new Set(called.flatMap(([operation = '']) => operation))].toSorted();
}
