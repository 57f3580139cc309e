/** `cutover local demo`: runs the demo and shows it. Its exit status is 0 when nothing failed. */
import { once } from 'node:events';
import { actsOf } from './acts';
import { runDemo } from './demo';
import { openDisplay } from '../../terminal/display';
import { print } from '../../terminal/print';
import { formatReport, succeeded } from './report';

export interface DemoCommandOptions {
  /** Default: `ask` in a terminal, `auto` elsewhere. */
  readonly approve?: 'ask' | 'auto';
  /** Writes the report as one line of JSON to standard output, and everything else to standard error. Default: false. */
  readonly json?: boolean;
  readonly dir?: string;
  readonly timeScale: number;
  /** Whether a staging through LifeTime is its second part. */
  readonly lifetime?: boolean;
}

export async function runDemoCommand(options: DemoCommandOptions): Promise<void> {
  const { approve, json = false, dir, timeScale, lifetime = false } = options;
  const display = openDisplay(json);
  const stop = new AbortController();
  void Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(async (name) => await once(process, name))).then(() =>
    stop.abort(new Error('Stopped before the demo was over.')),
  );
  try {
    const report = await runDemo({
      approve: approve ?? (display.inTerminal ? 'ask' : 'auto'),
      display,
      timeScale,
      lifetime,
      signal: stop.signal,
      ...(dir === undefined ? {} : { folder: dir }),
    });
    display.say(formatReport(report));
    if (json) print(JSON.stringify(report));
    if (!succeeded(report, actsOf(lifetime).length)) process.exitCode = 1;
  } catch (error) {
    throw stop.signal.aborted ? stop.signal.reason : error;
  } finally {
    display.close();
  }
}
