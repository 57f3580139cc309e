/** Follows a deployment: tells every change of its status, until it ends. */
import type { DeploymentStatus } from '../workflows/messages';
import { formatDuration } from '../settings/durations';
import type { Deployments, Ending, StartedDeployment, Target } from './deployments';

/** Calls `tell` with each line that is new. */
export async function follow(
  deployments: Deployments,
  target: Target,
  started: StartedDeployment,
  tell: (line: string, status: DeploymentStatus) => void,
): Promise<Ending> {
  let told = new Set<string>();
  const look = async () => {
    const status = await deployments.status(target);
    for (const line of linesOf(status)) if (!told.has(line)) tell(line, status);
    told = new Set([...told, ...linesOf(status)]);
  };
  const ending = deployments.ended(started);
  let over = false;
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
  const steps = status.steps.flatMap(({ phase, started, ended }, index) => [
    `${time(started)}  ${phase}`,
    ...(ended === null || index === status.steps.length - 1
      ? []
      : [`${time(ended)}  ${phase} done in ${formatDuration(Date.parse(ended) - Date.parse(started))}`]),
  ]);
  return [
    ...steps,
    ...(status.failure === null ? [] : [`          ${status.failure}`]),
    ...(status.waitingFor === null ? [] : [`          ${status.waitingFor}${orElse(status)}`]),
    ...status.ignored.map(({ at, name, why }) => `${time(at)}  ${name} ignored: ${why}`),
  ];
}

const time = (iso: string) => iso.slice(11, 19);

const orElse = ({ deadline, afterDeadline }: DeploymentStatus) =>
  deadline === null ? '' : ` Else, at ${time(deadline)}: ${afterDeadline}`;
