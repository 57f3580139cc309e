/** How gates stand: from each look, and from the looks before it. */
import { formatDuration } from '../../settings/durations';
import type { Gate } from '../../settings/gates/schema';
import type { Reading } from './reading';

/** What is known of a gate. */
export interface GateStanding {
  readonly gate: string;
  readonly verdict: Reading['verdict'];
  /** A sentence without its full stop, with the numbers. */
  readonly says: string;
  /** When it was looked at, ISO 8601. */
  readonly at: string;
  /** Since when it fails without a break, ISO 8601; `null` while it doesn't. */
  readonly failingSince: string | null;
  /** What fails, by names that stay the same from one look to the next. Default: nothing. */
  readonly failing?: readonly string[];
  /** What failed before green had any traffic, is known to whoever approved, and hasn't passed since. Default: nothing. */
  readonly accepted?: readonly string[];
}

type Judged = Pick<Gate, 'failAfter' | 'missing'>;

/** What fails of a gate as a whole. */
const whole = ['the gate'];

const failingIn = (gate: Judged, { verdict, failing = whole }: Reading): readonly string[] =>
  verdict === 'fails' || (verdict === 'missing' && gate.missing === 'fails') ? failing : [];

/**
 * How it stands after another look.
 * @param before the look before; `undefined` for the first
 * @param at when it was looked at, ISO 8601
 */
export function standingAfter(
  { name, gate }: { readonly name: string; readonly gate: Judged },
  reading: Reading,
  before: GateStanding | undefined,
  at: string,
): GateStanding {
  const wrong = failingIn(gate, reading);
  const accepted = (before?.accepted ?? []).filter((one) => wrong.includes(one));
  const failing = wrong.filter((one) => !accepted.includes(one));
  return {
    gate: name,
    verdict: reading.verdict,
    says: reading.says,
    at,
    failingSince: failing.length > 0 ? (before?.failingSince ?? at) : null,
    ...(failing.length > 0 && { failing }),
    ...(accepted.length > 0 && { accepted }),
  };
}

/** How it stands once people know what fails, and want to go on. */
export function accept({ failing = [], accepted = [], ...standing }: GateStanding): GateStanding {
  const known = [...accepted, ...failing];
  return { ...standing, failingSince: null, ...(known.length > 0 && { accepted: known }) };
}

/** Why a deployment fails by its gates now, a sentence; `undefined` while it doesn't. */
export function whyFailed(
  standings: readonly GateStanding[],
  gates: Readonly<Record<string, Judged>>,
  now: number,
): string | undefined {
  const failed = standings.filter(({ gate, failingSince }) => {
    const { failAfter = 0 } = gates[gate] ?? {};
    return failingSince !== null && now - Date.parse(failingSince) >= failAfter;
  });
  if (failed.length === 0) return undefined;
  const told = failed.map(({ gate, says, failingSince }) => {
    const forMs = now - Date.parse(failingSince ?? '');
    return `gate ${gate} failed${forMs >= 1_000 ? ` for ${formatDuration(forMs)}` : ''}: ${says}`;
  });
  const text = told.join('. Besides, ');
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** What fails before green has any traffic, as the question that people are asked; `undefined` where nothing does. */
export function asksAbout(standings: readonly GateStanding[]): string | undefined {
  const failing = standings.filter(({ failingSince }) => failingSince !== null);
  if (failing.length === 0) return undefined;
  const told = failing.map(({ gate, says }) => `gate ${gate}: ${says}`).join('; ');
  return `Before green has any traffic, this fails already: ${told}. Approve to go on, and it counts again once it has passed; or reject.`;
}
