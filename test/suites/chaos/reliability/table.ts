/** The page `docs/reliability.md`, from what was run: a table for each runbook, a row for each call, a column for each strike. */
import type { CaseResult } from './case';

export interface Wanted {
  /** Names of steps, and of strikes of calls, and of strikes while something is waited for. */
  readonly steps: readonly string[];
  readonly ofCalls: readonly string[];
  readonly ofWaits: readonly string[];
}

const undisturbed = 'nothing';

export function reliabilityPage(results: readonly CaseResult[], wanted: Wanted): string {
  const strikes = [...wanted.ofCalls, ...wanted.ofWaits];
  const struck = results.filter(({ strike }) => strike !== undisturbed);
  const cases = wanted.steps.length * strikes.length;
  const known = struck.filter(({ step, strike }) => wanted.steps.includes(step) && strikes.includes(strike));
  const failed = known.filter(({ findings }) => findings.length > 0);
  const sent = results.reduce((sum, result) => sum + result.sent, 0);
  const blows = known.reduce((sum, result) => sum + blowsOf(result), 0);
  const isWhole = known.length === cases;
  const commits = [...new Set(results.flatMap(({ commit }) => commit ?? []))];
  return `# Every call, every fault

<!-- Written by npm run chaos, in test/suites/chaos/reliability/table.ts -->

Each row is a write call that the runbook makes, as a recorded run made it; each column is what befell every one of these calls once, in a run of its own. A cell says how much later than in an undisturbed run the next call came (with a worker's start, where one died); what else the machine did meanwhile is in these times too. After each run these are looked at: its outcome, what is live, the rules, what is desired of each service, what is left over, and the answer to every request that was sent meanwhile.

${isWhole ? `Whole: ${cases} runs` : `**Partial: ${known.length} of ${cases} runs**`}, ${blows} blows, ${sent} requests. ${failed.length === 0 ? `Every ${isWhole ? 'run' : 'one of them'} ended as it would have, and no request was lost.` : `${failed.length} runs did not end as they should: see below.`}${commits.length === 0 ? '' : ` Run with the sources of ${commits.join(' and ')}.`}

- ✗: the run did not end as it should. –: this call was not struck, because it was not made again or answered before. Empty: not run.
- *fails*, *throttled*, *refused*: answered so once (a refusal holds the deployment, and somebody retries). *too late*: takes effect after it was given up. *answer lost*: takes effect, and the connection is cut. *worker dies before*, *between*, *after*: killed as the call arrives and before it has its effect, after the effect and before the answer, and after the answer. *Temporal dies*: killed while the call is under way, and started again with its database.

${wanted.steps.map((step) => section(step, results, wanted)).join('\n\n')}
${failed.length === 0 ? '' : `\n## What did not end as it should\n\n${failed.map(({ step, strike, findings }) => `- ${step}, ${strike}: ${findings.join('; ')}`).join('\n')}\n`}`;
}

/** How often it was struck. */
export const blowsOf = ({ strike, calls, waits }: CaseResult): number =>
  waits.length > 0 ? waits.length : calls.filter((call) => wasStruck(strike, call)).length;

const wasStruck = (strike: string, { faults }: CaseResult['calls'][number]) => strike === 'after' || faults.length > 0;

function section(step: string, results: readonly CaseResult[], { ofCalls, ofWaits }: Wanted): string {
  const of = (strike: string) => results.find((result) => result.step === step && result.strike === strike);
  const base = of(undisturbed);
  if (!base) return `## ${capital(step)}\n\nNot run.`;
  const rows = base.calls.map(({ name, tookMs }) => {
    const cells = ofCalls.map((strike) => cellOf(of(strike), name, tookMs));
    return `| ${[name, ...cells].join(' | ')} |`;
  });
  const whole = ofCalls.map((strike) => later(of(strike), base.tookMs));
  const waited = ofWaits.map((strike) => {
    const result = of(strike);
    if (!result) return `${strike}: not run`;
    return `${strike}: ${result.findings.length > 0 ? '✗' : `${later(result, base.tookMs)} in all`} (${result.waits.join(', ') || 'no wait was long enough'})`;
  });
  return [
    `## ${capital(step)}`,
    `Undisturbed: ${seconds(base.tookMs)}, and it leaves ${base.leaves}.`,
    [
      `| call | ${ofCalls.join(' | ')} |`,
      `| --- | ${ofCalls.map(() => '---').join(' | ')} |`,
      ...rows,
      `| all of it | ${whole.join(' | ')} |`,
    ].join('\n'),
    waited.map((line) => `- ${line}`).join('\n'),
  ].join('\n\n');
}

function cellOf(result: CaseResult | undefined, name: string, baseMs: number): string {
  if (!result) return '';
  if (result.findings.length > 0) return '✗';
  const call = result.calls.find((one) => one.name === name);
  return call && wasStruck(result.strike, call) ? more(call.tookMs - baseMs) : '–';
}

const later = (result: CaseResult | undefined, baseMs: number): string =>
  result === undefined ? '' : result.findings.length > 0 ? '✗' : more(result.tookMs - baseMs);

const more = (ms: number): string => `+${seconds(Math.max(0, ms))}`;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const capital = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
