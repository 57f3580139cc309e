/** What the operator's commands do. */
import {
  notInSlot,
  type CommandName,
  type DeploymentRequestInput,
  type DeploymentStatus,
  type Strategy,
} from '../workflows/messages';
import type { Settings } from '../settings/schema';
import { Refused, type Deployments, type Ending, type RunbookInput, type Target } from './deployments';
import { follow } from './follow';
import {
  exitStatuses,
  findTarget,
  knownTarget,
  parseTarget,
  print,
  settingsFile,
  whoAsks,
  withDeployments,
  type CommonOptions,
} from './options';
import { describeStatus } from './status';
import { watchStatus } from './watch';

/** What a deployment is to be: `deploy` and `plan` take the same. */
export interface RequestOptions {
  readonly by?: string;
  readonly image: string;
  /** As the command line spells it, e.g. `rolling-update`. */
  readonly strategy?: string;
  readonly modules?: string;
  readonly approval?: DeploymentRequestInput['approval'];
  readonly bake?: string;
  readonly onFailure?: DeploymentRequestInput['onFailure'];
  readonly deleteAdopted?: boolean;
  readonly reason?: string;
}

export interface DeployOptions extends CommonOptions, Omit<RequestOptions, 'by'> {
  readonly wait?: boolean;
  readonly detach?: boolean;
}

export async function deploy(application: string, options: DeployOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = knownTarget(application, options, settings);
    await startAndFollow(deployments, target, strategyOf(target, options, settings), requestOf(options), options);
  });
}

interface FollowOptions extends CommonOptions {
  readonly wait?: boolean;
  readonly detach?: boolean;
}

/** Starts a runbook; in a terminal, or where it is asked for, it is followed to its end. */
export async function startAndFollow(
  deployments: Deployments,
  target: Target,
  runbook: Strategy,
  input: RunbookInput,
  options: FollowOptions,
): Promise<void> {
  const started = await deployments.start(target, runbook, input);
  const waits = options.detach ? false : (options.wait ?? process.stdout.isTTY);
  if (!waits) {
    print(options.json ? JSON.stringify(started) : `Started ${started.workflowId} (run ${started.runId}).`);
    return;
  }
  const ending = await follow(deployments, target, started, (line) => options.json || print(line));
  tellEnding(ending, options);
}

const deploymentStrategies: Readonly<Record<string, 'blueGreen' | 'rollingUpdate'>> = {
  'blue-green': 'blueGreen',
  'rolling-update': 'rollingUpdate',
};

/** What the option says, else the application's or the zone's settings, else blue-green. */
export function strategyOf(
  { zone, application }: Target,
  { strategy }: Pick<RequestOptions, 'strategy'>,
  { zones, applications }: Settings,
): 'blueGreen' | 'rollingUpdate' {
  const settled = applications[application]?.deployment.strategy ?? zones[zone]?.deployment.strategy ?? 'blueGreen';
  const chosen = strategy === undefined ? settled : deploymentStrategies[strategy];
  if (chosen !== undefined) return chosen;
  throw new Refused(
    `There is no strategy ${strategy}: choose one of ${Object.keys(deploymentStrategies).join(' and ')}.`,
  );
}

export interface UndoOptions extends FollowOptions {
  readonly strategy?: string;
  readonly approval?: DeploymentRequestInput['approval'];
  readonly bake?: string;
  readonly reason?: string;
}

export interface RemoveOptions extends FollowOptions {
  readonly approval?: DeploymentRequestInput['approval'];
  readonly removeAfter?: string;
  readonly reason?: string;
}

export async function remove(application: string, options: RemoveOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const { approval, removeAfter, reason } = options;
    const input = {
      by: whoAsks(options),
      ...(approval !== undefined && { approval }),
      ...(removeAfter !== undefined && { removeAfter }),
      ...(reason !== undefined && { reason }),
    };
    await startAndFollow(deployments, target, 'removeApplication', input, options);
  });
}

/** Starts what takes no image: an undo, or a new configuration. */
export async function startWithoutImage(
  runbook: 'undo' | 'updateConfiguration',
  application: string,
  options: UndoOptions,
): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = await findTarget(deployments, application, options, settings);
    const { approval, bake, reason } = options;
    const input = {
      by: whoAsks(options),
      strategy: strategyOf(target, options, settings),
      ...(approval !== undefined && { approval }),
      ...(bake !== undefined && { bake }),
      ...(reason !== undefined && { reason }),
    };
    await startAndFollow(deployments, target, runbook, input, options);
  });
}

export function requestOf(options: RequestOptions): DeploymentRequestInput {
  const { image, approval, bake, onFailure, deleteAdopted, reason, modules } = options;
  return {
    image,
    by: whoAsks(options),
    ...(modules !== undefined && { modules: modules.split(',').map((name) => name.trim()) }),
    ...(approval !== undefined && { approval }),
    ...(bake !== undefined && { bake }),
    ...(onFailure !== undefined && { onFailure }),
    ...(deleteAdopted !== undefined && { deleteAdopted }),
    ...(reason !== undefined && { reason }),
  };
}

function tellEnding(ending: Ending, { json }: CommonOptions): void {
  if ('failure' in ending) {
    print(json ? JSON.stringify({ outcome: 'failed', failure: ending.failure }) : `Failed: ${ending.failure}`);
    process.exitCode = exitStatuses.notCompleted;
    return;
  }
  const { result } = ending;
  const live =
    result.live.slot === null
      ? `${notInSlot(result.live)} serves`
      : `slot ${result.live.slot} serves ${result.live.image}`;
  const why = [result.failure, result.note].flatMap((text) => (text === null ? [] : [` (${text})`])).join('');
  print(
    json ? JSON.stringify(result) : `${result.outcome === 'completed' ? 'Completed' : 'Rolled back'}: ${live}${why}.`,
  );
  if (result.outcome !== 'completed') process.exitCode = exitStatuses.notCompleted;
}

export interface SteeringOptions extends CommonOptions {
  readonly reason?: string;
  readonly image?: string;
}

export async function steer(name: CommandName, application: string, options: SteeringOptions): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const { reason, image } = options;
    const target = parseTarget(application, options, settings);
    const said = {
      by: whoAsks(options),
      ...(reason !== undefined && { reason }),
      ...(image !== undefined && { image }),
    };
    await deployments.command(target, name, said);
    const status = await deployments.status(target);
    print(options.json ? JSON.stringify(status) : `${name} accepted; the deployment is in ${describePhase(status)}.`);
  });
}

const describePhase = ({ phase, heldIn }: DeploymentStatus) => (heldIn === null ? String(phase) : `hold (${heldIn})`);

export async function status(
  application: string,
  options: CommonOptions & { readonly watch?: boolean },
): Promise<void> {
  await withDeployments(options, async (deployments, settings) => {
    const target = parseTarget(application, options, settings);
    if (options.watch) return await watchStatus(deployments, target, options);
    const found = await deployments.status(target);
    print(options.json ? JSON.stringify(found) : describeStatus(found));
  });
}

export interface WorkerOptions extends CommonOptions {
  readonly metrics?: string;
  readonly health?: string;
}

export async function worker({ settings, metrics, health }: WorkerOptions): Promise<void> {
  const { runWorker } = await import('../worker/main.js');
  await runWorker({ settings: settingsFile(settings), metrics, health });
}
