/** `cutover local`: the stack in the foreground, until Ctrl-C or SIGTERM. */
import { once } from 'node:events';
import type { StackOptions } from './plan';
import type { StackReport } from './report';
import { startStack } from './stack';

type Say = (line: string) => void;

/** Returns when everything has ended. */
export async function runStackCommand(options: StackOptions, say: Say): Promise<void> {
  // The reader of the output may go away; what was started must still be ended in order.
  process.stdout.on('error', () => undefined);
  const stop = new AbortController();
  const stopped = Promise.race(['SIGINT', 'SIGTERM', 'SIGHUP'].map(async (name) => await once(process, name)));
  void stopped.then(() => stop.abort(new Error('Stopped before everything was started.')));
  const stack = await startStack({ ...options, say }, stop.signal).catch((error: unknown) => {
    throw stop.signal.aborted ? stop.signal.reason : error;
  });
  explain(stack.report(), say);
  await stopped;
  say('Ending everything');
  await stack.close();
}

function explain(report: StackReport, say: Say): void {
  const lines = [
    ['Temporal', report.temporal.ui ?? report.temporal.address],
    ['Load balancer', report.loadBalancer],
    ['Test listener', report.testListener],
    ['AWS endpoint', `${report.aws.endpoint} (key ${report.aws.accessKeyId}, secret ${report.aws.secretAccessKey})`],
    ['Seed', `${report.seed} (--seed ${report.seed} repeats the chance of this run)`],
    ['Tasks', report.tasks === 'processes' ? 'processes of this machine' : `containers of ${report.tasks}`],
    ['Platform Server', report.platformServer],
    ['Hooks', `${report.hooks}/AmazonECS/… (secret ${report.hookSecret})`],
    ['Settings', report.settings],
  ] as const;
  for (const [name, value] of lines) say(`${name.padEnd(16)} ${value}`);
  say('Ready. Ctrl-C ends it; what was deployed is there again at the next start.');
}
