/**
 * `status --watch`: the deployment's status and the application's tree, drawn anew whenever one of them changes. In a terminal
 * the picture stays in its place; elsewhere each one follows the other, with --json one line each.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Topology } from '../planning/topology';
import type { DeploymentStatus } from '../contract/status';
import type { Deployments, Target } from './deployments';
import { describeStatus } from './text/status';
import { Unanswered } from './errors';
import { describeTopology } from './text/topology';

const statusEveryMs = 1_000;
const wholeScreen = '\u001b[H\u001b[2J\u001b[3J';

/** Returns when the signal ends it, by default on Ctrl-C. */
export async function watchStatus(
  deployments: Deployments,
  target: Target,
  { json }: { readonly json?: boolean | undefined },
  signal: AbortSignal = untilInterrupted(),
): Promise<void> {
  let status: DeploymentStatus | undefined;
  let topology: Topology | undefined;
  let drawn = '';
  let unanswered: string | undefined;
  const draw = () => {
    if (!status || !topology) return;
    const picture = json
      ? JSON.stringify({ status, topology, ...(unanswered && { unanswered }) })
      : [describeStatus(status), describeTopology(topology), ...(unanswered ? [unanswered] : [])].join('\n\n');
    if (picture === drawn) return;
    drawn = picture;
    process.stdout.write(
      json ? `${picture}\n` : process.stdout.isTTY ? `${wholeScreen}${picture}\n` : `${picture}\n\n`,
    );
  };
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const follow = async () => {
    while (!either.aborted) {
      try {
        status = await deployments.status(target);
        unanswered = undefined;
      } catch (error) {
        // With nothing to show yet there is nothing to watch.
        if (!(error instanceof Unanswered) || !status) throw error;
        unanswered = `${error.message} What is shown is what was known before.`;
      }
      draw();
      const pause = status.outcome === null ? statusEveryMs : statusEveryMs * 5;
      await sleep(pause, undefined, { signal: either }).catch(() => undefined);
    }
  };
  const look = deployments.watch(
    target,
    (seen) => {
      topology = seen;
      draw();
    },
    either,
  );
  // The one that fails ends the other.
  await Promise.all([follow(), look].map((part) => part.finally(() => ended.abort())));
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) void once(process, name).then(() => controller.abort());
  return controller.signal;
}
