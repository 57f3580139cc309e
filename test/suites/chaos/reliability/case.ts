/** One step under one strike: driven to its end, and then everything is looked at that must be true. */
import { setTimeout as sleep } from 'node:timers/promises';
import { DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { deploymentIdOf } from '../../../../contract/ids';
import type { DeploymentStatus } from '../../../../contract/status';
import { loadSettings } from '../../../../settings/load';
import type { Serving } from '../runbooks';
import { answered, patient } from '../walks/patience';
import { asks, callsOf, type Call } from './calls';
import type { Lane } from './lane';
import { inputOf, nameOf, type Step } from './steps';
import { waits, type Strike } from './strikes';
import type { TrafficReport } from '../../../../local/traffic/traffic';

export interface CaseResult {
  /** Of the sources that it was run with. */
  readonly commit?: string;
  readonly step: string;
  readonly strike: string;
  /** Of the part that was struck: a run that turns back counts from then on. */
  readonly tookMs: number;
  readonly calls: readonly Call[];
  /** What was waited for as something died, where that is the strike. */
  readonly waits: readonly string[];
  /** What the application has on AWS afterwards. */
  readonly leaves: string;
  /** Requests that were sent meanwhile. */
  readonly sent: number;
  /** What should not be, a sentence each. Nothing is how it should be. */
  readonly findings: readonly string[];
}

/** Longer than any case takes, on a slow machine too. */
export const longestMs = 20 * 60_000;

/** The lane is of no use after that. */
export class NeverEnded extends Error {}

interface Run {
  readonly lane: Lane;
  readonly step: Step;
  readonly strike: Strike;
  readonly sample: Sample | undefined;
  /** Where the struck part begins. */
  since: { readonly number: number; readonly at: number } | undefined;
  /** Takes the faults away again. */
  clear: () => Promise<void>;
  readonly died: Set<string>;
}

/** Only some of the calls and waits: so many at most, each with this probability, drawn by a seed. */
export interface Sample {
  readonly most: number;
  readonly probability: number;
  readonly seed: number;
}

/** Leaves the lane with what serves then. @throws {NeverEnded} when the deployment doesn't come to its end */
export async function runCase(lane: Lane, step: Step, strike: Strike, sample?: Sample): Promise<CaseResult> {
  await step.prepare?.(lane);
  const { application, serving: before } = lane;
  const { application: name } = application.target;
  const version = lane.nextVersion();
  const after = step.leadsTo(lane, version);
  await application.traffic.expect(name, [before, after]);
  const counted = await application.traffic.report();
  const run: Run = { lane, step, strike, sample, since: undefined, clear: async () => undefined, died: new Set() };
  try {
    if (step.direction === 'forward') await begin(run);
    const begun = { lift: () => run.clear(), resume: async () => (run.since ? await setFaults(run) : undefined) };
    await step.start(lane, version, inputOf(step), begun);
    const status = await drive(run);
    const endedAt = Date.now();
    const { number = 0, at = endedAt } = run.since ?? {};
    const writes = await lane.writes(number);
    await settle(lane, step, { before, after, completed: status.outcome === 'completed' });
    const { leaves, findings, sent } = await judge(run, status, { before, after, counted });
    const answer = (await step.answered?.(lane)) ?? '';
    return {
      step: nameOf(step),
      strike: strike.name,
      tookMs: endedAt - at,
      calls: callsOf(writes, endedAt, zoneOf(lane)),
      waits: strike.dies?.when === 'waiting' ? [...run.died] : [],
      leaves,
      sent,
      findings: answer === '' ? findings : [...findings, `The platform reads: ${answer}`],
    };
  } finally {
    await run.clear();
  }
}

/** From now on it is struck. */
async function begin(run: Run): Promise<void> {
  const writes = await run.lane.writes();
  run.since = { number: writes.at(-1)?.number ?? 0, at: Date.now() };
  await setFaults(run);
}

async function setFaults(run: Run): Promise<void> {
  const { lane, strike, sample } = run;
  const some = sample && { times: sample.most, probability: sample.probability, seed: sample.seed };
  const clears: (() => Promise<void>)[] = [];
  for (const fault of strike.faults(lane.application.target.application))
    clears.push(await lane.living.setFault({ ...fault, ...some }));
  run.clear = async () => {
    run.clear = async () => undefined;
    for (const clear of clears) await answered(clear);
  };
}

/** Answers as a person would: turns back once where that is the step, and retries whatever holds. */
async function drive(run: Run): Promise<DeploymentStatus> {
  const { lane } = run;
  const { deployments, target } = lane.application;
  const deadline = Date.now() + longestMs;
  let last: DeploymentStatus | undefined;
  while (Date.now() < deadline) {
    const dying = run.since === undefined ? undefined : strikeNow(run);
    const status = await deployments.status(target).catch(() => undefined);
    await dying;
    if (status && status.outcome !== null) return status;
    last = status ?? last;
    const command = commandFor(run, status);
    if (command === 'rollback' && run.since === undefined) await begin(run);
    // What is dead can't take an answer: the next look tells, and it is given again.
    if (command) await deployments.command(target, command, { by: 'chaos' }).catch(() => undefined);
    await sleep(50);
  }
  throw new NeverEnded(
    `It did not end in ${longestMs / 60_000} minutes. It is in ${last?.phase}: ${last?.failure ?? last?.waitingFor}`,
  );
}

function commandFor({ step }: Run, status: DeploymentStatus | undefined): 'rollback' | 'retry' | undefined {
  if (status?.phase === 'hold' && status.commands.includes('retry')) return 'retry';
  const turns = step.direction === 'back' && status?.phase === step.turnsBackIn;
  return turns && status.commands.includes('rollback') ? 'rollback' : undefined;
}

/** Kills whom the strike kills, once for each call or wait. */
async function strikeNow({ lane, strike: { dies }, sample, since, died }: Run): Promise<void> {
  if (!dies || died.size >= (sample?.most ?? Infinity)) return;
  const found = dies.when === 'waiting' ? await waitsNow(lane) : await writesNow(lane, dies.when, since?.number ?? 0);
  const fresh = found.filter((one) => !died.has(one));
  if (fresh.length === 0) return;
  for (const one of fresh) died.add(one);
  await dies.who(lane);
}

/** The writes that were struck, or answered. Nothing while the local AWS is away. */
async function writesNow(lane: Lane, when: 'struck' | 'answered', after: number): Promise<string[]> {
  const writes = await lane.writes(after).catch(() => []);
  return writes
    .filter(({ faults, outcome }) => (when === 'struck' ? faults.length > 0 : outcome === 'answered'))
    .map(asks);
}

/** What it waits for, as Temporal knows it. */
async function waitsNow({ application, temporal }: Lane): Promise<string[]> {
  const handle = temporal.workflow.getHandle(deploymentIdOf(application.target));
  const described = await handle.describe().catch(() => undefined);
  const { pendingActivities } = described?.raw ?? {};
  return (pendingActivities ?? []).flatMap(({ activityType, lastStartedTime }) =>
    lastStartedTime && waits.has(activityType?.name ?? '') ? [activityType?.name ?? ''] : [],
  );
}

interface Sides {
  readonly before: Serving;
  readonly after: Serving;
}

async function settle(
  lane: Lane,
  step: Step,
  { before, after, completed }: Sides & { completed: boolean },
): Promise<void> {
  lane.serving = completed ? after : before;
  if (completed) lane.servedByOthers = false;
  if (completed && step.name !== 'new configuration') lane.earlier = before;
  if (completed && step.name === 'new configuration') lane.earlier = after;
  await lane.application.traffic.expect(lane.application.target.application, [lane.serving]);
}

async function judge(
  { lane, step, strike }: Run,
  status: DeploymentStatus,
  { counted }: Sides & { counted: TrafficReport },
): Promise<Pick<CaseResult, 'leaves' | 'sent' | 'findings'>> {
  const { application, living, serving } = lane;
  const wanted = step.direction === 'back' ? 'rolledBack' : 'completed';
  const { liveRules, testRules, desiredCounts } = await answered(application.onAws);
  await living.moreTraffic(application, 20);
  const traffic = await application.traffic.report();
  const lost = traffic.failures
    .slice(counted.failures.length)
    .filter(({ kind }) => !strike.cutsConnections || kind === 'wronglyServed');
  const inContainers = serving.servedBy === 'container';
  const running = desiredCounts.filter((count) => count > 0);
  const { live } = status;
  const release = step.released?.(lane) ?? serving.version;
  const isLive =
    live?.servedBy === serving.servedBy && (!inContainers || ('version' in live && live.version === release));
  const groups = await groupsOf(lane);
  return {
    leaves: `${liveRules} live rules, ${testRules} test rules, services with ${desiredCounts.join(' and ') || 'nothing'}, ${groups} target groups`,
    sent: traffic.sent - counted.sent,
    findings: [
      ...(status.outcome === wanted ? [] : [`It ended as ${status.outcome}: ${status.failure}`]),
      ...(isLive
        ? []
        : [`Live is ${JSON.stringify(live)}, and should be ${JSON.stringify(serving)}, called ${release}`]),
      ...(liveRules === Number(inContainers && !lane.servedByOthers) ? [] : [`There are ${liveRules} live rules`]),
      ...(testRules === 0 ? [] : [`There are ${testRules} test rules`]),
      ...(running.join() === (inContainers ? '2' : '') ? [] : [`Services have ${desiredCounts.join()} replicas`]),
      ...(lost.length === 0 ? [] : [`${lost.length} requests were lost, such as ${JSON.stringify(lost[0])}`]),
    ],
  };
}

async function groupsOf({ living, application }: Lane): Promise<number> {
  const { TargetGroups: groups = [] } = await patient(living.stackAws()).elb.send(new DescribeTargetGroupsCommand({}));
  return groups.filter(({ TargetGroupName: name = '' }) => name.startsWith(`${application.target.application}-`))
    .length;
}

function zoneOf({ living, application }: Lane): { readonly testListener: string } {
  const zone = loadSettings(living.stack().settings).zones[application.target.zone];
  return { testListener: zone?.testListener ?? '' };
}
