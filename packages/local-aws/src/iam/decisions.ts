/**
 * A record of what the callers' policies were needed for, a line for each access key, action and set of statements at its first use. It is
 * a file in the folder, so it survives the process, and shows which statements of a policy nobody needs.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Decided } from './enforcement';

const recordFile = (folder: string): string => join(folder, 'decisions.jsonl');

/** What a policy decided about an action. */
export interface Decision {
  readonly accessKeyId: string;
  readonly action: string;
  /** The statements that allow it, by `Sid`. */
  readonly by?: readonly string[];
  /** The resource that was refused. */
  readonly refused?: string;
}

export function decisionRecorder(folder: string): Decided {
  const noted = new Set<string>();
  return ({ accessKeyId }, { action, resource }, verdict) => {
    const decision: Decision = {
      accessKeyId,
      action,
      ...(verdict.allowed ? { by: verdict.by } : { refused: resource }),
    };
    const line = `${JSON.stringify(decision)}\n`;
    if (noted.has(line)) return;
    noted.add(line);
    appendFileSync(recordFile(folder), line);
  };
}

/** What was decided for an access key since the folder was made; after a restart some of it is there again. */
export function recordedDecisions(folder: string, accessKeyId: string): Decision[] {
  if (!existsSync(recordFile(folder))) return [];
  const lines = readFileSync(recordFile(folder), 'utf8')
    .split('\n')
    .filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Decision).filter((decision) => decision.accessKeyId === accessKeyId);
}
