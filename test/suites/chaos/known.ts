/**
 * What is known already of this very code, in the user's cache: a line for each run that need not be run again, so that long suites
 * go on where they were stopped.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** What every suite's results depend on. */
const product = [
  'activities',
  'client',
  'contract',
  'local',
  'packages/local-aws/src',
  'planning',
  'settings',
  'temporal',
  'worker',
  'workflows',
];
const root = join(__dirname, '..', '..', '..');

/**
 * The file of what is known of the code as it is now.
 * @param suite the folder beside this one whose sources count too
 */
export function knownFile(suite: string): string {
  const files = [...product, `test/suites/chaos/${suite}`].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  const hash = createHash('sha256');
  for (const file of files.toSorted((one, other) => one.localeCompare(other))) hash.update(readFileSync(file));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'cutover', suite, `${hash.digest('hex').slice(0, 16)}.jsonl`);
}

/** Each one's newest line, in the order in which they were first written. */
export function readKnown<T>(file: string, keyOf: (one: T) => string): T[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A run that was killed may have left half a line.
  const all = lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as T] : []));
  return [...new Map(all.map((one) => [keyOf(one), one])).values()];
}

/** With the commit that it was run with. */
export function addKnown(file: string, one: object): void {
  mkdirSync(dirname(file), { recursive: true });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  appendFileSync(file, `${JSON.stringify({ commit, ...one })}\n`);
}
