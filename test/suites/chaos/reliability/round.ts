/** One strike through every runbook, in a lane; what is known already isn't run again. */
import type { CaseResult } from './case';
import { NeverEnded, runCase, type Sample } from './case';
import type { Lane } from './lane';
import { writePage } from './page';
import { addResult, readResults } from './results';
import { nameOf, neededBefore, steps, type Step } from './steps';
import { undisturbed, type Strike } from './strikes';

/** At once: a long run is followed, and one that is ended early has told what it saw. */
function say({ step, strike, tookMs, calls, waits, findings }: CaseResult): void {
  const struck = calls.filter(({ faults }) => faults.length > 0).length;
  const what = waits.length > 0 ? waits.join(', ') : `${struck} of ${calls.length} calls struck`;
  const line = `${strike.padEnd(24)} ${step.padEnd(32)} ${(tookMs / 1000).toFixed(1).padStart(6)} s  ${what}`;
  process.stdout.write(`${[line, ...findings].join('\n    ')}\n`);
}

/** Runs a case and tells of it. */
export async function toldCase(lane: Lane, step: Step, strike: Strike, sample?: Sample): Promise<CaseResult> {
  const result = await runCase(lane, step, strike, sample);
  say(result);
  return result;
}

/** The steps that nobody has seen end well under this strike. */
export function openSteps(file: string, strike: Strike, of = steps): Step[] {
  const known = readResults(file).filter((one) => one.strike === strike.name && one.findings.length === 0);
  return of.filter((step) => !known.some((one) => one.step === nameOf(step)));
}

/** @returns whether the lane can go on: `false` after a deployment that never ended, which is a result too */
export async function playRound(lane: Lane, strike: Strike, file: string, of = steps): Promise<boolean> {
  for (const step of openSteps(file, strike, of)) {
    for (const before of neededBefore(lane, step)) await toldCase(lane, before, undisturbed);
    try {
      addResult(file, await toldCase(lane, step, strike));
    } catch (error) {
      if (!(error instanceof NeverEnded)) throw error;
      const nothing = { tookMs: 0, calls: [], waits: [], leaves: '', sent: 0 };
      const result = { ...nothing, step: nameOf(step), strike: strike.name, findings: [error.message] };
      addResult(file, result);
      say(result);
      return false;
    }
  }
  return true;
}

/**
 * A round of each strike, one after the other, in one lane; in a new one where a deployment never ended.
 * @returns what nobody has seen end well, a text each
 */
export async function playRounds(
  all: readonly Strike[],
  file: string,
  open: () => Promise<Lane>,
  of = steps,
): Promise<string[]> {
  let lane = await open();
  for (const strike of all) {
    const goesOn = await playRound(lane, strike, file, of);
    writePage(file);
    if (!goesOn) lane = await open();
  }
  return namesOfOpen(all, file, of);
}

/** A text for each step that nobody has seen end well under one of these strikes. */
export const namesOfOpen = (all: readonly Strike[], file: string, of = steps): string[] =>
  all.flatMap((strike) => openSteps(file, strike, of).map((step) => `${strike.name}: ${nameOf(step)}`));
