/** How an application walks: runs begin, are steered and come to their end, and whenever nothing runs its users and AWS are looked at. */
import type { RunbookInput } from '../../../../client/deployments';
import { Refused, Unanswered } from '../../../../client/errors';
import type { CommandName } from '../../../../contract/commands';
import type { DeploymentStatus, Phase } from '../../../../contract/status';
import { setTimeout as sleep } from 'node:timers/promises';
import { leadToContainers, register } from './by-hand';
import { answered } from './patience';
import { expectModel, isInContainers, nameOf, platformServer, type Model, type Run, type Walker } from './model';

export async function statusOf(walker: Walker, { run }: Model): Promise<DeploymentStatus | undefined> {
  if (!run) return undefined;
  const status = await answered(() => walker.application.deployments.statusOf(run.started));
  const { phase, heldIn, failure, outcome, greenPercent } = status;
  note(walker, `  ${JSON.stringify({ phase, heldIn, failure, outcome, greenPercent })}`);
  return status;
}

/** Once, where it is said again. */
export function note({ log }: Walker, what: string): void {
  if (log.at(-1)?.slice(14) !== what) log.push(`${new Date().toISOString().slice(11, 23)}  ${what}`);
}

type Begun = Pick<Run, 'runbook' | 'next'> & {
  readonly input: RunbookInput;
  readonly rename?: string;
};

/** From here on the one before may answer, and the next one as soon as nobody has to approve it. */
export async function begin(walker: Walker, model: Model, { runbook, input, next, rename }: Begun): Promise<void> {
  const { deployments, target: at } = walker.application;
  const target = { zone: at.zone, application: nameOf(model) };
  const isJudged = runbook === 'blueGreen' || runbook === 'rollingUpdate';
  const isAsked = input.approval === 'afterVerify';
  const run = {
    target,
    runbook,
    next,
    rename,
    bakesLong: input.bake === '10m',
    isAsked,
    mayServeNext: !isAsked && !(isJudged && model.gate === 'sick'),
    putBacks: [],
  };
  await expectModel(walker, { ...model, run });
  const started = await answered(() => deployments.start(target, runbook, input));
  model.run = { ...run, started };
}

/** Whether nothing runs (any more). What has ended by itself is judged. */
export const isAtRest = async (walker: Walker, model: Model): Promise<boolean> =>
  (await underWay(walker, model)) === undefined;

/** The status of what runs; what has ended by itself is judged, and `undefined`. */
async function underWay(walker: Walker, model: Model): Promise<DeploymentStatus | undefined> {
  const status = await statusOf(walker, model);
  const { run } = model;
  if (!run || !status) return undefined;
  if (run.runbook !== 'removeApplication' && status.live?.servedBy === 'platform-server')
    run.isFoundLedAway = model.isLedAway;
  run.isPlanned ||= status.phase !== null && status.phase !== 'plan';
  if (status.outcome === null) return status;
  model.run = undefined;
  const what = `${run.runbook} ${status.outcome}`;
  walker.tally(what);
  if (status.outcome === 'completed') {
    expect({ what, mayServe: run.mayServeNext }).toEqual({ what, mayServe: true });
    complete(model, run);
  } else if (run.rename !== undefined) await register(walker, nameOf(model), model);
  await putBackRoute(walker, model, run, status.outcome === 'completed');
  await judge(walker, model, what);
  return undefined;
}

/** What ran has brought what it was to bring. */
function complete(model: Model, { next, rename, isFoundLedAway }: Run): void {
  const { serving } = model;
  const isAnother = next.servedBy === 'container' && isInContainers(model) && next.version !== serving.version;
  // A rename deletes what bore the name before; what others put there is nobody's release.
  const mayBeUndone = isAnother && rename === undefined && !serving.isByHand && !next.isByHand && !isFoundLedAway;
  model.earlier = mayBeUndone ? serving : undefined;
  model.serving = next;
  if (rename !== undefined) model.names = [...model.names, rename];
}

/** Whoever led users away lets them come back, unless what ran did, or had found them there and left them there. */
async function putBackRoute(walker: Walker, model: Model, { isFoundLedAway }: Run, isDone: boolean): Promise<void> {
  if (!model.isLedAway) return;
  if (!isDone && isFoundLedAway) {
    model.serving = { ...platformServer, isByHand: true };
    model.earlier = undefined;
  } else if (!isDone) await leadToContainers(walker, model);
  model.isLedAway = false;
}

/** What its gate asks is well or ill from now on; the first time, its next deployment is judged by that. */
export async function setGate(walker: Walker, model: Model, isWell: boolean): Promise<void> {
  // What waited for the gate only may go on by itself.
  if (isWell && model.run && !model.run.isAsked) await letServe(walker, model, model.run);
  walker.answers.set('http', isWell);
  const isFirst = model.gate === undefined;
  model.gate = isWell ? 'well' : 'sick';
  if (isFirst) await register(walker, nameOf(model), model);
}

/** Users see what serves and lost nothing; one service has replicas at most, and nothing of a test route is left. */
async function judge({ living, application, ...walker }: Walker, model: Model, what: string): Promise<void> {
  await expectModel({ living, application, ...walker }, model);
  await living.moreTraffic(application, 20);
  const { failures } = await application.traffic.report();
  const { liveRules, testRules, desiredCounts } = await answered(() => living.onStack(nameOf(model), []).onAws());
  const serves = isInContainers(model);
  // Where somebody led users to the Platform Server, rules and replicas are as they left them.
  const isAsLeft = !serves && model.serving.isByHand;
  expect({
    what,
    failures,
    testRules,
    ...(!isAsLeft && {
      hasRules: liveRules > 0,
      withReplicas: desiredCounts.filter((count) => count > 0).length,
    }),
  }).toEqual({
    what,
    failures: [],
    testRules: 0,
    ...(!isAsLeft && { hasRules: serves, withReplicas: serves ? 1 : 0 }),
  });
}

/**
 * Gives a command, allowed or not: it is taken when the status has it, and refused in a sentence when not. What changed meanwhile
 * decides nothing.
 */
export async function command(
  walker: Walker,
  model: Model,
  name: CommandName,
  known?: DeploymentStatus,
): Promise<void> {
  const before = known ?? (await statusOf(walker, model));
  const { run } = model;
  if (before?.outcome !== null || !run) return;
  const wasAllowed = before.commands.includes(name);
  if (name === 'approve' && wasAllowed) await letServe(walker, model, run);
  const refusal = await answered(async () => {
    try {
      await walker.application.deployments.command(run.target, name, { by: 'Ana' });
      return undefined;
    } catch (error) {
      if (error instanceof Unanswered || !(error instanceof Refused)) throw error;
      return error.message;
    }
  });
  if (name === 'approve' && refusal === undefined) await letServe(walker, model, run);
  if (wasAllowed === (refusal === undefined)) return;
  const after = await statusOf(walker, model);
  const seen = ({ phase, commands, paused, outcome }: DeploymentStatus) => ({ phase, commands, paused, outcome });
  // A step may hold, be retried and be under way again between two looks: its phase would say that nothing had changed.
  if (after?.steps.length === before.steps.length && wasAllowed === after.commands.includes(name))
    expect([name, refusal, seen(after)]).toEqual(['taken when the status has it', undefined, seen(before)]);
}

/** From now on users may get what comes next. */
export async function letServe(walker: Walker, model: Model, run: Run): Promise<void> {
  if (run.mayServeNext) return;
  run.mayServeNext = true;
  await expectModel(walker, model);
}

/** Brings what runs to its end, as people would who are given these coins to decide by. */
export async function finish(walker: Walker, model: Model, coins: readonly boolean[]): Promise<void> {
  let decided = 0;
  const coin = () => coins[decided++ % coins.length] ?? true;
  for (const until = Date.now() + 180_000; ; await sleep(300)) {
    const status = await underWay(walker, model);
    if (!status) return;
    if (Date.now() > until) throw new Error(`It doesn't end: ${JSON.stringify(status)}`);
    const goesBack = status.phase === 'hold' && model.run?.isChangedWhilePlanned;
    const name = decisionOn(status, goesBack ? () => false : coin);
    if (name === 'retry') await putRight(walker, model);
    if (name) await command(walker, model, name, status);
  }
}

/** What people say to it, where something is to be said. */
function decisionOn({ commands, phase, paused }: DeploymentStatus, coin: () => boolean): CommandName | undefined {
  const [goOn, goBack] = paused ? (['resume', 'resume'] as const) : (decisions[phase ?? 'plan'] ?? []);
  if (goOn === undefined || goBack === undefined) return undefined;
  const name = coin() || !commands.includes(goBack) ? goOn : goBack;
  return commands.includes(name) ? name : undefined;
}

/** Onward and back. */
const decisions: Partial<Record<Phase, readonly [CommandName, CommandName]>> = {
  hold: ['retry', 'rollback'],
  approve: ['approve', 'reject'],
  bake: ['promote', 'rollback'],
};

/** What somebody changed by hand is as it was, the last change first, and the gate passes: whoever retries has seen to it. */
async function putRight(walker: Walker, model: Model): Promise<void> {
  for (const putBack of model.run?.putBacks.splice(0).toReversed() ?? []) await answered(putBack);
  if (model.gate === 'sick') await setGate(walker, model, true);
}
