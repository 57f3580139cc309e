/**
 * The chain of an audit trail: each line is JSON in its one canonical form, bears its number, the hash of the line before, and its
 * own. There is one chain for each zone. Whoever changes, removes, reorders or inserts a line without writing all that follow
 * anew is found by the lines alone; whoever does that, or cuts off the end, by the head that somebody else remembers.
 */
import { createHash } from 'node:crypto';
import { canonical } from '../approvals/canonical';

/** The newest line. */
export interface Head {
  /** From 1. */
  readonly sequence: number;
  /** SHA-256 in hexadecimal. */
  readonly hash: string;
}

/** What a line holds beside its place in the chain, which is `version`, `zone`, `sequence`, `previous` and `hash`. */
export type Entry = object;

/** What the first line follows: so no zone's trail passes for another's. */
const before = (zone: string): Head => ({ sequence: 0, hash: sha256(`cutover audit of ${zone}`) });

/** The lines that go on from a head; `null` for a trail that begins. The same entries after the same head are the same lines. */
export function chained(
  zone: string,
  head: Head | null,
  entries: readonly Entry[],
): { readonly lines: readonly string[]; readonly head: Head } {
  let last = head ?? before(zone);
  const lines = entries.map((entry) => {
    const line = { ...entry, version: 1, zone, sequence: last.sequence + 1, previous: last.hash };
    last = { sequence: line.sequence, hash: sha256(canonical(line)) };
    return canonical({ ...line, hash: last.hash });
  });
  return { lines, head: last };
}

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A line that is whole in itself. */
export interface Line extends Head {
  readonly zone: string;
  readonly previous: string;
}

/** `undefined` for what isn't a line, or was changed since it was written. */
export function readLine(text: string): Line | undefined {
  try {
    const parsed = JSON.parse(text) as Record<string, unknown>;
    if (canonical(parsed) !== text) return undefined;
    const { hash, ...rest } = parsed;
    const { zone, sequence, previous } = parsed;
    if (typeof zone !== 'string' || typeof previous !== 'string' || typeof hash !== 'string') return undefined;
    if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence) || sequence < 1) return undefined;
    return sha256(canonical(rest)) === hash ? { zone, sequence, previous, hash } : undefined;
  } catch {
    return undefined;
  }
}

/** What a trail is looked at with. */
export interface Expected {
  readonly zone: string;
  /** What Temporal, or somebody's notes, say was written last. Default: nobody knows. */
  readonly head?: Head | undefined;
  /** Whether that is all: lines after it are nobody's. */
  readonly final?: boolean | undefined;
}

export interface AuditReport {
  readonly zone: string;
  /** How many different lines there are. */
  readonly lines: number;
  readonly head: Head | null;
  /** Lines that stand there more than once, the same each time, as after an answer that was lost. They do no harm. */
  readonly repeated: number;
  /** What is wrong, a sentence each, at most a hundred. */
  readonly findings: readonly string[];
}

const mostFindings = 100;

/** @param texts in the order in which they stand there */
export function verifyTrail(texts: readonly string[], { zone, head, final }: Expected): AuditReport {
  const findings: string[] = [];
  const byNumber = new Map<number, Line[]>();
  let [highest, repeated] = [0, 0];
  for (const [at, text] of texts.entries()) {
    const line = readLine(text);
    // What a worker left unfinished when it died was written whole afterwards.
    const isUnfinished = !line && texts.some((other) => other.length > text.length && other.startsWith(text));
    if (isUnfinished) repeated++;
    else if (!line)
      findings.push(`Text ${at + 1} is no line of a trail, or was changed: ${JSON.stringify(text.slice(0, 80))}.`);
    if (line && line.zone !== zone) findings.push(`Text ${at + 1} is of the zone ${line.zone}, not of ${zone}.`);
    if (!line || line.zone !== zone) continue;
    const same = byNumber.get(line.sequence) ?? [];
    if (same.some(({ hash }) => hash === line.hash)) repeated++;
    else {
      if (line.sequence < highest)
        findings.push(`Line ${line.sequence} stands after line ${highest}: they were reordered.`);
      byNumber.set(line.sequence, [...same, line]);
    }
    highest = Math.max(highest, line.sequence);
  }
  findings.push(...faultsOfLinks(zone, byNumber, highest), ...faultsOfEnd(byNumber, highest, { zone, head, final }));
  const [last] = byNumber.get(highest) ?? [];
  return {
    zone,
    lines: byNumber.size,
    head: last ? { sequence: last.sequence, hash: last.hash } : null,
    repeated,
    findings: findings.slice(0, mostFindings),
  };
}

/** Forks, gaps, and lines that don't follow the one before. */
function faultsOfLinks(zone: string, byNumber: ReadonlyMap<number, readonly Line[]>, highest: number): string[] {
  const findings: string[] = [];
  let [previous, missingFrom]: [readonly Head[], number | null] = [[before(zone)], null];
  for (const sequence of [...byNumber.keys()].toSorted((one, other) => one - other)) {
    const here = byNumber.get(sequence) ?? [];
    missingFrom = (previous[0]?.sequence ?? 0) + 1;
    if (missingFrom < sequence) findings.push(`${named(missingFrom, sequence - 1)} missing.`);
    else
      for (const line of here)
        if (previous.every(({ hash }) => hash !== line.previous))
          findings.push(
            `Line ${sequence} follows another line ${sequence - 1} than the one here: it was changed, or replaced.`,
          );
    if (here.length > 1) findings.push(`There are ${here.length} different lines ${sequence}: the trail forks.`);
    previous = here;
    if (sequence === highest) break;
  }
  return findings;
}

function faultsOfEnd(
  byNumber: ReadonlyMap<number, readonly Line[]>,
  highest: number,
  { head, final }: Expected,
): string[] {
  if (!head) return [];
  if (highest < head.sequence)
    return [`${named(highest + 1, head.sequence)} missing: they were written, and the end was cut off.`];
  const known = byNumber.get(head.sequence) ?? [];
  return [
    ...(known.length > 0 && known.every(({ hash }) => hash !== head.hash)
      ? [`Line ${head.sequence} is another one than was written: the trail was written anew.`]
      : []),
    ...(final && highest > head.sequence
      ? [`${named(head.sequence + 1, highest)} there, and nobody is known to have written them.`]
      : []),
  ];
}

const named = (from: number, to: number) => (from === to ? `Line ${from} is` : `Lines ${from} to ${to} are`);
