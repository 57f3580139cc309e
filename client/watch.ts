/**
 * `status --watch`: the deployment's status and the application's tree, drawn anew whenever one of them changes. In a terminal
 * the picture stays in its place; elsewhere each one follows the other, with --json one line each.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentStatus } from '../contract/status';
import type { Topology } from '../planning/topology';
import { draw as show, print, shown } from '../terminal/print';
import type { Deployments } from './deployments';
import { Unanswered } from './errors';
import type { CommonOptions } from './options';
import type { Target } from './target';
import { formatStatus } from './text/status';
import { formatTopology } from './text/topology';

const statusEveryMs = 1_000;
const statusEveryMsOnceOver = 5_000;

/** Returns when the signal ends it, by default on Ctrl-C. */
export async function watchStatus(
  deployments: Deployments,
  target: Target,
  options: CommonOptions,
  signal: AbortSignal = untilInterrupted(),
): Promise<void> {
  const draw = createPicture(options);
  const ended = new AbortController();
  const either = AbortSignal.any([signal, ended.signal]);
  const watching = deployments.watch(target, (topology) => draw({ topology }), either);
  const following = followStatus(deployments, target, draw, either);
  // The one that fails ends the other.
  await Promise.all([following, watching].map((part) => part.finally(() => ended.abort())));
}

/** What is known so far. */
interface Seen {
  readonly status?: DeploymentStatus;
  readonly topology?: Topology;
  /** Why the status isn't the newest: nobody answers. */
  readonly unanswered?: string | undefined;
}
type Draw = (news: Seen) => void;

/** Draws once there is both a status and a tree, and then only what has changed. */
function createPicture({ json }: CommonOptions): Draw {
  let seen: Seen = {};
  let drawn: string | undefined;
  return (news) => {
    seen = { ...seen, ...news };
    const picture = json ? formatJson(seen) : formatPicture(seen);
    if (picture === undefined || shown(picture) === drawn) return;
    drawn = shown(picture);
    (json ? print : show)(picture);
  };
}

const formatJson = ({ status, topology, unanswered }: Seen): string | undefined =>
  status && topology && JSON.stringify({ status, topology, ...(unanswered && { unanswered }) });

const formatPicture = ({ status, topology, unanswered }: Seen): string[] | undefined =>
  status &&
  topology && [...formatStatus(status), '', ...formatTopology(topology), ...(unanswered ? ['', unanswered] : [])];

async function followStatus(deployments: Deployments, target: Target, draw: Draw, signal: AbortSignal): Promise<void> {
  let status: DeploymentStatus | undefined;
  while (!signal.aborted) {
    try {
      status = await deployments.status(target);
      draw({ status, unanswered: undefined });
    } catch (error) {
      // With nothing to show yet there is nothing to watch.
      if (!(error instanceof Unanswered) || !status) throw error;
      draw({ unanswered: `${error.message} What is shown is what was known before.` });
    }
    const pauseMs = status.outcome === null ? statusEveryMs : statusEveryMsOnceOver;
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
}

function untilInterrupted(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const) void once(process, name).then(() => controller.abort());
  return controller.signal;
}
