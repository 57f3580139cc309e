/**
 * A record of the operations that each program called, a program being a name in the user agent: one line for each operation,
 * added at its first call. It is a file in the folder, so it survives the process, and shows which permissions a program needs.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const recordFile = (folder: string): string => join(folder, 'called.txt');

/** Returns a function that records a call, e.g. `ecs:ListClusters` by `aws-cli`. */
export function callRecorder(folder: string): (operation: string, userAgent: string) => void {
  const noted = new Set<string>();
  return (operation, userAgent) => {
    const line = `${[operation, ...new Set(programsOf(userAgent))].join(' ')}\n`;
    if (noted.has(line)) return;
    noted.add(line);
    appendFileSync(recordFile(folder), line);
  };
}

/** The names in a user agent. An SDK adds its caller's name to its own: `aws-sdk-js/3… orders/worker`. */
const programsOf = (userAgent: string): string[] =>
  [...userAgent.matchAll(/(?:^|\s)([\w-]+)\//g)].map(([, name = '']) => name);

/** The operations, e.g. `ecs:UpdateService`, that a program has called since the folder was made. */
export function recordedOperations(folder: string, program: string): string[] {
  if (!existsSync(recordFile(folder))) return [];
  const lines = readFileSync(recordFile(folder), 'utf8').split('\n');
  const called = lines.map((line) => line.split(' ')).filter(([, ...programs]) => programs.includes(program));
  return [...new Set(called.flatMap(([operation = '']) => operation))].toSorted();
}
