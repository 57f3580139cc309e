/** The commands that start a runbook, and follow it to its end. */
import { notInSlot } from '../contract/text';
import type { DeploymentRequestInput } from '../contract/runbook-requests';
import type { Outcome, Runbook } from '../contract/status';
import type { Settings } from '../settings/schema';
import {
  Refused,
  type Deployments,
  type Ending,
  type RunbookInput,
  type StartedDeployment,
  type Target,
} from './deployments';
import { follow } from './follow';
import { exitStatuses, findTarget, knownTarget, print, whoAsks, withDeployments, type CommonOptions } from './options';
import { inputOf, type RunbookFlags } from './runbook-flags';

export interface FollowOptions extends CommonOptions {
  readonly wait?: boolean;
  readonly detach?: boolean;
}

/** What is deployed. */
export interface ImageOptions {
  readonly image: string;
  /** Comma-separated. */
  readonly modules?: string;
}

export interface DeployOptions extends FollowOptions, RunbookFlags, ImageOptions {
  /** The name that it serves under until now. */
  readonly renamedFrom?: string;
}
export type RunbookCommandOptions = FollowOptions & RunbookFlags;

export async function deploy(application: string, options: DeployOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = knownTarget(application, options, settings);
    const { lock, input } = renaming(target, options, settings);
    const strategy = strategyOf(target, options, settings);
    await startAndFollow(deployments, lock, strategy, { ...requestOf(options), ...input }, options);
  });
}

/** Until its next deployment is done, an application that gets a new name is locked by the one that it serves under. */
function renaming(
  target: Target,
  { renamedFrom }: DeployOptions,
  { applications }: Settings,
): { readonly lock: Target; readonly input: Pick<DeploymentRequestInput, 'application'> } {
  const { application: name, zone } = target;
  const key = applications[name]?.key;
  if (renamedFrom === undefined || key === undefined) return { lock: target, input: {} };
  return { lock: { zone, application: renamedFrom }, input: { application: { name, key } } };
}

export function requestOf(options: CommonOptions & RunbookFlags & ImageOptions): DeploymentRequestInput {
  const { image, modules } = options;
  const named = modules === undefined ? {} : { modules: modules.split(',').map((name) => name.trim()) };
  return { image, by: whoAsks(options), ...named, ...inputOf(options) };
}

/** Starts what takes no image: an undo, or a new configuration. */
export async function startWithoutImage(
  runbook: 'undo' | 'updateConfiguration',
  application: string,
  options: RunbookCommandOptions,
): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const strategy = strategyOf(target, options, settings);
    await startAndFollow(
      deployments,
      target,
      runbook,
      { by: whoAsks(options), strategy, ...inputOf(options) },
      options,
    );
  });
}

export async function remove(application: string, options: RunbookCommandOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const input = { by: whoAsks(options), ...inputOf(options) };
    await startAndFollow(deployments, target, 'removeApplication', input, options);
  });
}

/** Starts a runbook; in a terminal, or where it is asked for, it is followed to its end. */
export async function startAndFollow(
  deployments: Deployments,
  target: Target,
  runbook: Runbook,
  input: RunbookInput,
  options: FollowOptions,
): Promise<void> {
  const started = await deployments.start(target, runbook, input);
  const waits = options.detach ? false : (options.wait ?? process.stdout.isTTY);
  if (!waits) {
    print(options.json ? JSON.stringify(started) : `Started ${started.workflowId} (run ${started.runId}).`);
    return;
  }
  const stopLeaving = leavingOnSignals(started, options);
  const ending = await follow(deployments, target, started, (line) => options.json || print(line)).finally(stopLeaving);
  tellEnding(ending, options);
}

/** A signal ends the command at once, whatever it waits for; what it started is Temporal's. @returns what ends that */
function leavingOnSignals(started: StartedDeployment, options: CommonOptions): () => void {
  const interrupted = () => leave(started, options, exitStatuses.interrupted);
  const asked = () => leave(started, options, exitStatuses.asked);
  process.once('SIGINT', interrupted).once('SIGTERM', asked);
  return () => void process.off('SIGINT', interrupted).off('SIGTERM', asked);
}

function leave(started: StartedDeployment, { json }: CommonOptions, exitStatus: number): never {
  // A terminal has written ^C.
  const newLine = process.stderr.isTTY ? '\n' : '';
  process.stderr.write(
    `${newLine}The deployment goes on: see how it is with "cutover status ${started.workflowId}".\n`,
  );
  if (json) print(JSON.stringify(started));
  return process.exit(exitStatus);
}

/** By what people type: as options are spelled, and as the settings and the runbooks' own sentences spell them. */
const deploymentStrategies: ReadonlyMap<string, 'blueGreen' | 'rollingUpdate'> = new Map([
  ['blue-green', 'blueGreen'],
  ['rolling-update', 'rollingUpdate'],
  ['blueGreen', 'blueGreen'],
  ['rollingUpdate', 'rollingUpdate'],
]);

/** What the option says, else the application's or the zone's settings, else blue-green. */
export function strategyOf(
  { zone, application }: Target,
  { strategy }: Pick<RunbookFlags, 'strategy'>,
  { zones, applications }: Settings,
): 'blueGreen' | 'rollingUpdate' {
  const settled = applications[application]?.deployment.strategy ?? zones[zone]?.deployment.strategy ?? 'blueGreen';
  const chosen = strategy === undefined ? settled : deploymentStrategies.get(strategy);
  if (chosen !== undefined) return chosen;
  throw new Refused(`There is no strategy ${strategy}: choose one of blue-green and rolling-update.`);
}

const endings: Readonly<Record<Outcome, string>> = {
  completed: 'Completed',
  rolledBack: 'Rolled back',
  failed: 'Failed',
  terminated: 'Terminated',
};

function tellEnding(ending: Ending, { json }: CommonOptions): void {
  if ('failure' in ending) {
    const { outcome = 'failed', failure } = ending;
    print(json ? JSON.stringify({ outcome, failure }) : `${endings[outcome]}: ${failure}`);
    process.exitCode = exitStatuses.notCompleted;
    return;
  }
  const { result } = ending;
  const live =
    result.live.slot === null
      ? `${notInSlot(result.live)} serves`
      : `slot ${result.live.slot} serves ${result.live.image}`;
  const why = [result.failure, result.note].flatMap((text) => (text === null ? [] : [` (${text})`])).join('');
  print(json ? JSON.stringify(result) : `${endings[result.outcome]}: ${live}${why}.`);
  if (result.outcome !== 'completed') process.exitCode = exitStatuses.notCompleted;
}
