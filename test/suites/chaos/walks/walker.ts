/** An application on a walk: what is known of it, and what its users and AWS must show whenever nothing runs. */
import type { StartedDeployment } from '../../../../client/deployments';
import { Refused, Unanswered } from '../../../../client/errors';
import type { CommandName } from '../../../../contract/commands';
import type { RunbookRequestInput } from '../../../../contract/runbook-requests';
import type { DeploymentStatus, Runbook } from '../../../../contract/status';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LiveApplication } from '../../e2e/live-application';
import type { OwnStack } from '../own-stack';
import { platformServer, type Serving } from '../runbooks';

/** Who may serve. */
export interface Model {
  /** What answers users while nothing runs. */
  serving: Serving;
  /** What an undo would bring. */
  earlier: Serving | undefined;
  /** What runs, and what serves once it is completed. */
  run: { readonly started: StartedDeployment; readonly next: Serving; readonly runbook: Runbook } | undefined;
  versions: number;
}

export interface Walker {
  readonly living: OwnStack['living'];
  readonly application: LiveApplication;
}

export const newModel = (): Model => ({ serving: platformServer, earlier: undefined, run: undefined, versions: 1 });

export const isInContainers = ({ serving }: Model): boolean => serving.servedBy === 'container';

/** Asked again while a process of the stack is being started again. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (const until = Date.now() + 90_000; ; await sleep(200))
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof Unanswered) || Date.now() > until) throw error;
    }
}

export const statusOf = async ({ application }: Walker, { run }: Model): Promise<DeploymentStatus | undefined> =>
  run && (await answered(() => application.deployments.statusOf(run.started)));

/** From here on the one before and the next one may answer. */
export async function begin(
  { application }: Walker,
  model: Model,
  { runbook, input, next }: { readonly runbook: Runbook; readonly input: RunbookRequestInput; readonly next: Serving },
): Promise<void> {
  const { target, traffic, deployments } = application;
  await traffic.expect(target.application, [model.serving, next]);
  const started = await answered(() => deployments.start(target, runbook, input));
  model.run = { started, next, runbook };
}

/** Whether nothing runs (any more). What has ended by itself is judged. */
export async function isAtRest(walker: Walker, model: Model): Promise<boolean> {
  const status = await statusOf(walker, model);
  if (!model.run || !status) return true;
  if (status.outcome === null) return false;
  const { next, runbook } = model.run;
  model.run = undefined;
  if (status.outcome === 'completed') {
    const isRelease = isInContainers(model) && next.servedBy === 'container';
    model.earlier = isRelease && next.version !== model.serving.version ? model.serving : undefined;
    model.serving = next;
  }
  await judge(walker, model, `${runbook} ${status.outcome}`);
  return true;
}

/** Users see what serves and lost nothing; one service has replicas at most, and nothing of a test route is left. */
async function judge({ living, application }: Walker, model: Model, what: string): Promise<void> {
  const { target, traffic, onAws } = application;
  await traffic.expect(target.application, [model.serving]);
  await living.moreTraffic(application, 20);
  const { failures } = await traffic.report();
  const { liveRules, testRules, desiredCounts } = await onAws();
  const serves = isInContainers(model);
  expect({
    what,
    failures,
    hasRules: liveRules > 0,
    testRules,
    withReplicas: desiredCounts.filter((count) => count > 0).length,
  }).toEqual({ what, failures: [], hasRules: serves, testRules: 0, withReplicas: serves ? 1 : 0 });
}

/**
 * Gives a command, allowed or not: it is taken when the status has it, and refused in a sentence when not. What changed meanwhile
 * decides nothing.
 */
export async function command(walker: Walker, model: Model, name: CommandName): Promise<void> {
  const before = await statusOf(walker, model);
  if (before?.outcome !== null) return;
  const refusal = await answered(async () => {
    try {
      await walker.application.deployments.command(walker.application.target, name, { by: 'Ana' });
      return undefined;
    } catch (error) {
      if (error instanceof Unanswered || !(error instanceof Refused)) throw error;
      return error.message;
    }
  });
  const wasAllowed = before.commands.includes(name);
  if (wasAllowed === (refusal === undefined)) return;
  const after = await statusOf(walker, model);
  const seen = ({ phase, commands, paused, outcome }: DeploymentStatus) => ({ phase, commands, paused, outcome });
  if (after && wasAllowed === after.commands.includes(name))
    expect([name, refusal, seen(after)]).toEqual(['', '', seen(before)]);
}

/** Brings what runs to its end, as people would who are given these coins to decide by. */
export async function finish(walker: Walker, model: Model, coins: readonly boolean[]): Promise<void> {
  let decisions = 0;
  const coin = () => coins[decisions++ % coins.length] ?? true;
  for (const until = Date.now() + 180_000; !(await isAtRest(walker, model)); await sleep(150)) {
    const status = await statusOf(walker, model);
    if (!status || status.outcome !== null) continue;
    if (Date.now() > until) throw new Error(`It doesn't end: ${JSON.stringify(status)}`);
    const { commands, phase, paused } = status;
    const give = async (name: CommandName) => {
      if (commands.includes(name)) await command(walker, model, name);
    };
    if (paused) await give('resume');
    else if (phase === 'hold') await give(coin() || !commands.includes('rollback') ? 'retry' : 'rollback');
    else if (phase === 'approve') await give(coin() ? 'approve' : 'reject');
    else if (phase === 'bake') await give(coin() || !commands.includes('rollback') ? 'promote' : 'rollback');
  }
}
