/** Starts a runbook and follows it to its end. A signal ends only the following: what was started is Temporal's. */
import type { Runbook } from '../contract/status';
import type { Deployments, Ending, RunbookInput, StartedDeployment } from './deployments';
import { follow } from './follow';
import { canDraw, openLive } from '../terminal/live';
import { leaveLine, print, tell } from '../terminal/print';
import { exitStatuses, type CommonOptions } from './options';
import type { FollowOptions } from './runbook-flags';
import type { Target } from './target';
import { formatEnding } from './text/ending';

export interface StartOptions {
  readonly deployments: Deployments;
  readonly target: Target;
  readonly runbook: Runbook;
  readonly input: RunbookInput;
  readonly options: CommonOptions & FollowOptions;
}

/** Starts a runbook; in a terminal, or where --wait asks for it, it is followed to its end. */
export async function startAndFollow({ deployments, target, runbook, input, options }: StartOptions): Promise<void> {
  const started = await deployments.start(target, runbook, input);
  if (started.attached) tell(`It runs already, by the same request: run ${started.runId}.`);
  const isFollowed = options.detach ? false : (options.wait ?? process.stdout.isTTY);
  if (!isFollowed) {
    print(
      options.json
        ? JSON.stringify(started)
        : `${started.attached ? 'Runs already:' : 'Started'} ${started.workflowId} (run ${started.runId}).`,
    );
    return;
  }
  const stopLeaving = leaveOnSignals(started, options);
  const ending = await followed({ deployments, target, started, options }).finally(stopLeaving);
  reportEnding(ending, options);
}

interface Followed extends Pick<StartOptions, 'deployments' | 'target' | 'options'> {
  readonly started: StartedDeployment;
}

/** As a picture in a terminal, as lines elsewhere. */
async function followed({ deployments, target, started, options }: Followed): Promise<Ending> {
  if (options.json || !canDraw(process.env))
    return await follow(deployments, target, started, (line) => options.json || print(line));
  const { followLive } = await import('./follow-live.js');
  const live = openLive();
  return await followLive(deployments, target, started, live).finally(() => live.close());
}

/** A signal ends the command at once, whatever it waits for. @returns what stops listening for signals */
function leaveOnSignals(started: StartedDeployment, options: CommonOptions): () => void {
  const onInterrupt = () => leave(started, options, exitStatuses.interrupted);
  const onTerminate = () => leave(started, options, exitStatuses.terminated);
  process.once('SIGINT', onInterrupt).once('SIGTERM', onTerminate);
  return () => void process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate);
}

function leave(started: StartedDeployment, { json }: CommonOptions, exitStatus: number): never {
  leaveLine();
  tell(`The deployment goes on: see how it is with "cutover status ${started.workflowId}".`);
  if (json) print(JSON.stringify(started));
  return process.exit(exitStatus);
}

function reportEnding(ending: Ending, { json }: CommonOptions): void {
  const report = 'failure' in ending ? { outcome: ending.outcome ?? 'failed', failure: ending.failure } : ending.result;
  print(json ? JSON.stringify(report) : formatEnding(ending));
  if (report.outcome !== 'completed') process.exitCode = exitStatuses.notCompleted;
}
