/** `cutover stage`: has LifeTime deploy applications into an environment, and shows that with the deployments that it causes. */
import { InvalidArgumentError, type Command } from 'commander';
import { settingsHelp } from '../../settings/file';
import { leaveLine, print, tell } from '../../terminal/print';
import type { Deployments, StartedDeployment } from '../deployments';
import { Refused, Unanswered } from '../errors';
import { exitStatuses, userOf, type CommonOptions } from '../options';
import { withFollowFlags, type FollowOptions } from '../runbook-flags';
import { withSession } from '../session';

interface StageOptions extends CommonOptions, FollowOptions {
  readonly from?: string;
  readonly to: string;
  readonly by?: string;
  readonly reason?: string;
  readonly redeployOutdated?: boolean;
  readonly approve?: boolean;
  readonly abort?: boolean;
  readonly status?: boolean;
}

export function stageCommand(program: Command): void {
  const command = program
    .command('stage')
    .argument('[applications...]', 'their names in LifeTime', collect)
    .description('has LifeTime deploy applications into an environment, and shows what that causes as one tree')
    .option('--from <environment>', 'where their tagged versions are, by its name in LifeTime')
    .requiredOption('--to <environment>', 'where they go')
    .option('--redeploy-outdated', 'let LifeTime also redeploy what uses them')
    .option('--status', 'only show how it is')
    .option('--approve', 'let LifeTime go on where it waits for people')
    .option('--abort', 'have LifeTime abort it')
    .option('--by <name>', 'who says so (default: user@host)')
    .option('--reason <text>', 'why, for LifeTime and the history')
    .option('--settings <file>', settingsHelp)
    .option('--json', 'print one line of JSON');
  withFollowFlags(command).action(async (applications: readonly string[], options: StageOptions) => {
    await withSession(options, ({ deployments }) => act(deployments, applications, options));
  });
}

/** Commas may stand between them. */
function collect(text: string, before: readonly string[] = []): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  if (names.includes('')) throw new InvalidArgumentError('expected names of applications.');
  return [...before, ...names];
}

async function act(deployments: Deployments, applications: readonly string[], options: StageOptions): Promise<void> {
  const { stagings } = deployments;
  const { approve, abort, status, to, from, reason, redeployOutdated } = options;
  const by = userOf(options);
  const words = { by, ...(reason !== undefined && { reason }) };
  if ([approve, abort, status].filter(Boolean).length > 1)
    throw new Refused('Give one of --status, --approve and --abort.');
  if (approve || abort) await stagings.command(to, approve ? 'approve' : 'abort', words);
  if (approve || abort || status) return await show(deployments, options);
  if (from === undefined || applications.length === 0)
    throw new Refused('Name the applications, and with --from the environment that has their versions.');
  const started = await stagings.start({
    applications: [...applications],
    from,
    to,
    ...words,
    ...(redeployOutdated && { redeployOutdated }),
  });
  if (started.attached) tell(`It runs already, by the same request: run ${started.runId}.`);
  if (options.detach ?? !(options.wait ?? process.stdout.isTTY)) {
    const { workflowId, runId } = started;
    return print(options.json ? JSON.stringify(started) : `Started ${workflowId} (run ${runId}).`);
  }
  await follow(deployments, started, options);
}

async function show({ stagings }: Deployments, { to, json }: StageOptions): Promise<void> {
  const { formatStaging } = await import('../../contract/staging-text.js');
  const status = await stagings.status(to);
  print(json ? JSON.stringify(status) : formatStaging(status));
}

const lookEveryMs = 500;

/** Each line when it is new, and the whole tree in the end. A signal ends only the following. */
async function follow({ stagings }: Deployments, started: StartedDeployment, options: StageOptions): Promise<void> {
  const { formatStaging } = await import('../../contract/staging-text.js');
  const { newLinesOnly } = await import('../follow.js');
  const { to, json } = options;
  const leave = (exitStatus: number) => () => {
    leaveLine();
    tell(`It goes on: see how it is with "cutover stage --to ${JSON.stringify(to)} --status".`);
    process.exit(exitStatus);
  };
  process.once('SIGINT', leave(exitStatuses.interrupted)).once('SIGTERM', leave(exitStatuses.terminated));
  const showNew = newLinesOnly((line) => json || print(line));
  let isOver = false;
  const ending = stagings.ended(started).finally(() => (isOver = true));
  const over = ending.then(
    () => undefined,
    () => undefined,
  );
  while (!isOver) {
    try {
      const status = await stagings.status(to);
      if (status.outcome === null) showNew(formatStaging(status));
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      showNew([`${error.message} It goes on ${error.goesOn}.`]);
    }
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, lookEveryMs))]);
  }
  const status = await ending;
  print(json ? JSON.stringify(status) : formatStaging(status));
  if (status.outcome !== 'completed') process.exitCode = exitStatuses.notCompleted;
}
