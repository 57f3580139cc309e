/** Asks every question, and leaves nothing behind: not after a failure, and not after Ctrl-C. */
import { cleanUp } from './clean-up';
import { setStage, type Run, type Stage } from './stage';
import { NotTried, type Facts, type Try } from './try';

export interface Answer extends Pick<Try, 'name' | 'question' | 'assumes'> {
  readonly outcome: 'answered' | 'not tried' | 'failed';
  /** Why it was not tried, or what failed. */
  readonly why?: string;
  readonly facts?: Facts;
}

export interface Report {
  readonly run: string;
  readonly region: string;
  readonly startedAt: string;
  /** What runs before had left, now removed. */
  readonly leftovers: readonly string[];
  readonly answers: readonly Answer[];
}

/** @throws {Error} when the load balancer and cluster of the tries can't be made, or something can't be removed */
export async function ask(run: Run, tries: readonly Try[]): Promise<Report> {
  const startedAt = new Date().toISOString();
  const leftBefore = await cleanUp(run);
  const answers: Answer[] = [];
  try {
    const stage = await setStage(run);
    for (const one of tries) answers.push(await answerOf(one, stage));
  } finally {
    if (!run.options.keep) await cleanUp(run);
  }
  return { run: run.id, region: run.options.region, startedAt, leftovers: leftBefore, answers };
}

async function answerOf({ run, ...about }: Try, stage: Stage): Promise<Answer> {
  try {
    if (stage.signal.aborted) throw new NotTried('stopped before');
    return { ...about, outcome: 'answered', facts: await run(stage) };
  } catch (error) {
    const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    if (error instanceof NotTried) return { ...about, outcome: 'not tried', why: error.message };
    return { ...about, outcome: 'failed', why };
  }
}

/** The answers as a table in Markdown. */
export function tableOf({ answers }: Report): string {
  const cell = (text: string) => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = answers.map(({ name, outcome, why, facts }) =>
    [name, outcome, cell(why ?? JSON.stringify(facts))].join(' | '),
  );
  return ['try | outcome | facts', '--- | --- | ---', ...rows].map((row) => `| ${row} |\n`).join('');
}
