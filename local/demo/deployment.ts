/** One deployment of the demo: begun, shown as it goes on, approved, and summed up. */
import { setTimeout as sleep } from 'node:timers/promises';
import colors from 'picocolors';
import type { Ending, StartedDeployment } from '../../client/deployments';
import { formatDuration } from '../../settings/durations';
import type { DeploymentStatus } from '../../contract/status';
import type { Act, Stage } from './acts';
import type { Display } from '../../terminal/display';
import type { DeploymentReport, Requests } from './report';

export interface DemoDeployment {
  readonly act: Act;
  readonly stage: Stage;
  readonly approve: 'ask' | 'auto';
  readonly display: Display;
  /** Ends the wait; the deployment itself is left as it is. */
  readonly signal: AbortSignal;
  /** The requests sent so far. */
  readonly requests: () => Promise<Requests>;
  /** The number of calls that the local AWS has answered so far, by `service:Operation`. */
  readonly awsCalls: () => Promise<Readonly<Record<string, number>>>;
  /** The deployment's URL in the Temporal UI. */
  readonly link: (started: StartedDeployment) => string;
}

const lookEveryMs = 300;

/** Resolves when it has ended, well or not. */
export async function runDeployment(demo: DemoDeployment): Promise<DeploymentReport> {
  const { act, stage, display } = demo;
  const [before, callsBefore, startedAt] = [await demo.requests(), await demo.awsCalls(), performance.now()];
  display.say(colors.bold(act.title));
  const { started, over } = await act.begin(stage);
  if (started !== undefined) display.say(`  ${demo.link(started)}`);
  const ending = started === undefined ? { failure: 'No deployment was begun.' } : await follow(demo, started);
  const why = await over;
  const seconds = (performance.now() - startedAt) / 1000;
  const [after, callsAfter] = [await demo.requests(), await demo.awsCalls()];
  showEnding(display, why === null ? ending : { failure: why }, seconds);
  const result = 'result' in ending ? ending.result : undefined;
  return {
    title: act.title,
    application: stage.target.application,
    strategy: result?.strategy ?? 'none',
    image: result?.image ?? null,
    outcome: why === null ? (result?.outcome ?? 'failed') : 'failed',
    seconds: Math.round(seconds * 10) / 10,
    phases: result?.phases ?? {},
    requests: { sent: after.sent - before.sent, failed: after.failed - before.failed },
    awsCalls: difference(callsAfter, callsBefore),
    historyEvents: started === undefined ? 0 : await stage.deployments.historyEvents(started),
  };
}

/** Polls the status rather than waiting for the end in one call, which couldn't be cancelled. */
async function follow(demo: DemoDeployment, started: StartedDeployment): Promise<Ending> {
  const { stage, display, signal } = demo;
  const { deployments, target } = stage;
  const over = new AbortController();
  const approval = approvalAsker(demo, AbortSignal.any([over.signal, signal]));
  try {
    for (let shown = 0; ;) {
      const status = await deployments.status(target);
      shown = showSteps(display, status, shown);
      if (status.outcome !== null) return await deployments.ended(started);
      const { sent, failed } = await demo.requests();
      display.now(`${phaseOf(status)}   ${sent} requests, ${failed} failed`);
      approval(status);
      await sleep(lookEveryMs, undefined, { signal });
    }
  } finally {
    over.abort();
    display.now('');
  }
}

/** Shows each step that has ended beyond the first `shown`, and returns how many are shown now. */
function showSteps(display: Display, { steps }: DeploymentStatus, shown: number): number {
  const ended = steps.filter((step) => step.ended !== null);
  for (const { phase, started, ended: end, done } of ended.slice(shown)) {
    const took = formatDuration(Date.parse(end ?? started) - Date.parse(started));
    display.say(`  ${done ? colors.green('✓') : colors.red('✗')} ${phase.padEnd(10)} ${took}`);
  }
  return ended.length;
}

function phaseOf({ phase, steps }: DeploymentStatus): string {
  const running = steps.at(-1);
  const since = running === undefined || running.ended !== null ? Date.now() : Date.parse(running.started);
  return `${(phase ?? 'starting').padEnd(10)} ${formatDuration(Date.now() - since)}`;
}

/**
 * Gives the approval once it is wanted: at once, or after asking in the terminal. The question is withdrawn when the approval
 * comes from elsewhere first, such as the Temporal UI.
 */
function approvalAsker(demo: DemoDeployment, over: AbortSignal): (status: DeploymentStatus) => void {
  let asked: AbortController | undefined;
  return (status) => {
    const wanted = status.phase === 'approve' && status.commands.includes('approve');
    if (!wanted) return asked?.abort();
    if (asked !== undefined) return;
    asked = new AbortController();
    const signal = AbortSignal.any([asked.signal, over]);
    void approve(demo, signal).catch((error: Error) => demo.display.say(`  ${error.message}`));
  };
}

async function approve(demo: DemoDeployment, signal: AbortSignal): Promise<void> {
  const { act, stage, display } = demo;
  const give = async (name: 'approve' | 'reject'): Promise<void> => {
    await stage.deployments.command(stage.target, name, { by: 'demo' });
  };
  if (demo.approve === 'auto') return await give('approve');
  const question = `  ${act.question} (y = approve, n = reject, or use the Temporal UI) `;
  display.say('  Waiting for approval: here, in the Temporal UI, or with "cutover approve".');
  for (;;) {
    const reply = (await display.ask(question, signal))?.trim().toLowerCase();
    if (reply === undefined) return;
    if (/^y(es)?$/.test(reply)) return await give('approve');
    if (/^no?$/.test(reply)) return await give('reject');
  }
}

function showEnding(display: Display, ending: Ending, seconds: number): void {
  const took = `in ${formatDuration(seconds * 1000)}`;
  if ('failure' in ending) return display.say(`  ${colors.red('failed')} ${took}: ${ending.failure}`);
  const { outcome, failure } = ending.result;
  const word = outcome === 'completed' ? colors.green(outcome) : colors.red(outcome);
  display.say(`  ${word} ${took}${failure === null ? '' : `: ${failure}`}`);
}

function difference(
  after: Readonly<Record<string, number>>,
  before: Readonly<Record<string, number>>,
): Record<string, number> {
  const grown = Object.entries(after).map(([name, count]) => [name, count - (before[name] ?? 0)] as const);
  return Object.fromEntries(grown.filter(([, count]) => count > 0));
}
