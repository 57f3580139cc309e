/** Follows a deployment in a terminal: one picture that stays in its place and is drawn anew every second, until it ends. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { DeploymentStatus } from '../contract/status';
import type { Topology } from '../planning/topology';
import type { Live } from '../terminal/live';
import type { Deployments, Ending, StartedDeployment } from './deployments';
import { Unanswered } from './errors';
import { pictureOf } from './picture/picture';
import type { Target } from './target';
import { formatLiveTree } from './text/live-tree';

const lookEveryMs = 1_000;

/** @throws {Refused} when the deployment can't be asked about at all */
export async function followLive(
  deployments: Pick<Deployments, 'status' | 'ended' | 'watch'>,
  target: Target,
  started: StartedDeployment,
  live: Live,
): Promise<Ending> {
  const over = new AbortController();
  let [status, topology]: [DeploymentStatus?, Topology?] = [];
  let away: string | null = null;
  const draw = () => {
    const tree = status === undefined ? [] : formatLiveTree(pictureOf(status, topology), Date.now());
    live.draw([...tree, ...(away === null ? [] : ['', away])]);
  };
  const look = async () => {
    try {
      status = await deployments.status(target);
      away = null;
    } catch (error) {
      if (!(error instanceof Unanswered)) throw error;
      away = `${error.message} The deployment goes on ${error.goesOn}.`;
    }
    draw();
  };
  const see = (seen: Topology) => {
    topology = seen;
    draw();
  };
  // Without what is there on AWS the picture has less in it, and nothing else changes.
  const watching = deployments.watch(target, see, over.signal).catch(() => undefined);
  const ending = deployments.ended(started).finally(() => over.abort());
  const looking = async () => {
    while (!over.signal.aborted) {
      await look();
      await sleep(lookEveryMs, undefined, { signal: over.signal }).catch(() => undefined);
    }
  };
  const [ended] = await Promise.all([ending, looking().finally(() => over.abort()), watching]);
  await look();
  return ended;
}
