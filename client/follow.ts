/** Follows a deployment: tells every change of its status, until it ends. */
import type { DeploymentStatus } from '../contract/status';
import { dateAndTime, timeOfDay } from '../contract/text';
import { formatDuration } from '../settings/durations';
import type { Deployments, Ending, StartedDeployment, Target } from './deployments';
import { Unanswered } from './errors';

/** Calls `tell` with each line that is new. While no worker or no Temporal answers it says so, once, and goes on looking. */
export async function follow(
  deployments: Pick<Deployments, 'status' | 'ended'>,
  target: Target,
  started: StartedDeployment,
  tell: (line: string) => void,
): Promise<Ending> {
  let told = new Set<string>();
  const tellNew = (lines: readonly string[]) => {
    for (const line of lines) if (!told.has(line)) tell(line);
    told = new Set([...told, ...lines]);
  };
  let over = false;
  const look = async () => {
    try {
      tellNew(linesOf(await deployments.status(target)));
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      tellNew([`          ${error.message}${over ? '' : ` The deployment goes on ${error.goesOn}.`}`]);
    }
  };
  const ending = deployments.ended(started);
  const finished = ending
    .finally(() => (over = true))
    .then(
      () => undefined,
      () => undefined,
    );
  while (!over) {
    await look();
    await Promise.race([finished, new Promise((resolve) => setTimeout(resolve, 500))]);
  }
  await look();
  return await ending;
}

/** What has happened and what is wanted, a line each; a line never changes once it is there. */
function linesOf(status: DeploymentStatus): string[] {
  const steps = status.steps.flatMap(({ phase, started, ended, done }, index) => [
    `${timeOfDay(started)}  ${phase}`,
    ...(ended === null || index === status.steps.length - 1
      ? []
      : [
          `${timeOfDay(ended)}  ${phase} ${done ? 'done in' : 'stopped after'} ${formatDuration(Date.parse(ended) - Date.parse(started))}`,
        ]),
  ]);
  return [
    ...steps,
    ...(status.failure === null ? [] : [`          ${status.failure}`]),
    ...(status.waitingFor === null ? [] : [`          ${status.waitingFor}${orElse(status)}`]),
    ...status.ignored.map(({ at, name, why }) => `${timeOfDay(at)}  ${name} ignored: ${why}`),
  ];
}

const orElse = ({ deadline, afterDeadline }: DeploymentStatus) =>
  deadline === null ? '' : ` Else, at ${dateAndTime(deadline)} UTC: ${afterDeadline}`;
