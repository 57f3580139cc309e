/** Follows a deployment: prints every change of its status, until it ends. */
import type { DeploymentStatus } from '../contract/status';
import { dateAndTime, timeOfDay } from '../contract/text';
import { formatDuration } from '../settings/durations';
import type { Deployments, Ending, StartedDeployment } from './deployments';
import { Unanswered } from './errors';
import type { Target } from './target';

const lookEveryMs = 500;

/**
 * Calls `show` with each line that is new. While no worker or no Temporal answers, one line says so, and the following goes on.
 * @throws {Refused} when the deployment can't be asked about at all
 */
export async function follow(
  deployments: Pick<Deployments, 'status' | 'ended'>,
  target: Target,
  started: StartedDeployment,
  show: (line: string) => void,
): Promise<Ending> {
  let isOver = false;
  const showNew = newLinesOnly(show);
  const look = async () => {
    try {
      showNew(progressLines(await deployments.status(target)));
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      showNew([`          ${error.message}${isOver ? '' : ` The deployment goes on ${error.goesOn}.`}`]);
    }
  };
  const ending = deployments.ended(started);
  const over = ending
    .finally(() => (isOver = true))
    .then(
      () => undefined,
      () => undefined,
    );
  while (!isOver) {
    await look();
    await Promise.race([over, new Promise((resolve) => setTimeout(resolve, lookEveryMs))]);
  }
  await look();
  return await ending;
}

/** Shows each line once for as long as it stays. */
export function newLinesOnly(show: (line: string) => void): (lines: readonly string[]) => void {
  let shownLines = new Set<string>();
  return (lines) => {
    for (const line of lines) if (!shownLines.has(line)) show(line);
    shownLines = new Set([...shownLines, ...lines]);
  };
}

/** What has happened and what is wanted, a line each. A line never changes once it has been shown. */
function progressLines(status: DeploymentStatus): string[] {
  const { steps, failure, waitingFor, ignored } = status;
  return [
    ...steps.flatMap((step, index) => stepLines(step, index === steps.length - 1)),
    ...(failure === null ? [] : [`          ${failure}`]),
    ...(waitingFor === null ? [] : [`          ${waitingFor}${orElse(status)}`]),
    ...ignored.map(({ at, name, why }) => `${timeOfDay(at)}  ${name} ignored: ${why}`),
  ];
}

function stepLines({ phase, started, ended, done }: DeploymentStatus['steps'][number], isLast: boolean): string[] {
  const start = `${timeOfDay(started)}  ${phase}`;
  if (ended === null || isLast) return [start];
  const duration = formatDuration(Date.parse(ended) - Date.parse(started));
  return [start, `${timeOfDay(ended)}  ${phase} ${done ? 'done in' : 'stopped after'} ${duration}`];
}

const orElse = ({ deadline, afterDeadline }: DeploymentStatus) =>
  deadline === null ? '' : ` Else, at ${dateAndTime(deadline)} UTC: ${afterDeadline}`;
