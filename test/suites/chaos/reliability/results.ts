/**
 * What is known already of this very code, in the user's cache: a case that ended well isn't run again, so that a run that was
 * stopped goes on where it was. A case with findings is.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import type { CaseResult } from './case';

/** What a result depends on. */
const sources = [
  'activities',
  'client',
  'contract',
  'local',
  'packages/local-aws/src',
  'planning',
  'settings',
  'temporal',
  'test/suites/chaos/reliability',
  'worker',
  'workflows',
];
const root = join(__dirname, '..', '..', '..', '..');

/** The file of the results of the code as it is now. */
export function resultsFile(): string {
  const files = sources.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(root, folder, file)),
  );
  const hash = createHash('sha256');
  for (const file of files.toSorted((one, other) => one.localeCompare(other))) hash.update(readFileSync(file));
  const cache = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  return join(cache, 'cutover', 'reliability', `${hash.digest('hex').slice(0, 16)}.jsonl`);
}

/** The newest result of each case, in the order in which they were first run. */
export function readResults(file: string): CaseResult[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n');
  // A run that was killed may have left half a line.
  const results = lines.flatMap((line) => (line.endsWith('}') ? [JSON.parse(line) as CaseResult] : []));
  return [...new Map(results.map((result) => [`${result.step} ${result.strike}`, result])).values()];
}

export function addResult(file: string, result: CaseResult): void {
  mkdirSync(dirname(file), { recursive: true });
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  appendFileSync(file, `${JSON.stringify({ commit, ...result })}\n`);
}
