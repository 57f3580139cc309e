/** One application and its deployment: the status, what is there on AWS, and the log of a hold; asked once for all who look. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployments, Target } from '../../client/deployments';
import { Unanswered } from '../../client/errors';
import { pictureOf, type Picture } from '../../client/picture/picture';
import { formatKnown } from '../../client/text/known';
import type { TaskLog } from '../../contract/questions';
import type { DeploymentStatus, ReleaseEntry } from '../../contract/status';
import type { Topology } from '../../planning/topology';
import type { ApplicationView } from '../view';
import { shared, type Shared } from './shared';
import type { Watching } from './zone';

const lookEveryMs = 1_000;
const lookEveryMsOnceOver = 5_000;
const logLines = 20;
/** Releases come by deployments, whose end is seen. */
const historyEveryMs = 300_000;

export const watchApplication = (
  { deployments }: Pick<Watching, 'deployments'>,
  target: Target,
  until: AbortSignal,
): Shared<ApplicationView> =>
  shared(async (tell, signal) => {
    let [status, topology]: [DeploymentStatus?, Topology?] = [];
    let log: readonly string[] = [];
    let hold = '';
    let missing: Pick<ApplicationView, 'unanswered' | 'known'> = { unanswered: null, known: [] };
    const show = () => tell({ picture: status === undefined ? null : pictureOf(status, topology), log, ...missing });
    void watchTree(deployments, target, signal, (seen) => {
      topology = seen;
      show();
    });
    while (!signal.aborted) {
      try {
        status = await (await deployments()).status(target);
        missing = { unanswered: null, known: [] };
      } catch (error) {
        missing = await unanswered(deployments, target, error as Error);
      }
      const { heldIn = null, dossier } = status ?? {};
      const now = heldIn === null ? '' : `${heldIn} ${dossier?.at}`;
      if (now !== hold) log = now === '' ? [] : await logOf(deployments, target);
      hold = now;
      show();
      const isOver = status !== undefined && (status.outcome !== null || status.phase === null);
      await sleep(isOver ? lookEveryMsOnceOver : lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }, until);

type Connect = () => Promise<Deployments>;

/** Begins again when it fails: without it replicas are only counted. */
async function watchTree(
  deployments: Connect,
  target: Target,
  signal: AbortSignal,
  see: (topology: Topology) => void,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await (await deployments()).watch(target, see, signal);
    } catch {
      await sleep(lookEveryMsOnceOver, undefined, { signal }).catch(() => undefined);
    }
  }
}

async function unanswered(deployments: Connect, target: Target, error: Error) {
  const known = async () => await (await deployments()).known(target).catch(() => undefined);
  const found = error instanceof Unanswered ? await known() : undefined;
  return { unanswered: error.message, known: found === undefined ? [] : formatKnown(found) };
}

async function logOf(deployments: Connect, target: Target): Promise<readonly string[]> {
  try {
    const logs = await (await deployments()).ask({ kind: 'logs', ...target, lines: logLines });
    return logs.flatMap(linesOf);
  } catch (error) {
    return [`Its log could not be read: ${(error as Error).message}`];
  }
}

const linesOf = ({ task, service, status, lines }: TaskLog): string[] => [
  `${service} ${task} (${status})`,
  ...lines.map(({ at, text }) => `  ${at === null ? '' : `${at}  `}${text}`),
];

/** Asked again whenever a deployment has begun or ended, as what is told of the application says. */
export const watchHistory = (
  { deployments }: Pick<Watching, 'deployments'>,
  target: Target,
  application: Shared<ApplicationView>,
  until: AbortSignal,
): Shared<readonly ReleaseEntry[]> =>
  shared(async (tell, signal) => {
    let of = '';
    let changed = new AbortController();
    const stop = application.look(({ picture }) => {
      if (picture === null) return;
      const now = `${picture.runId} ${isUnderWay(picture)}`;
      if (of !== '' && now !== of) changed.abort();
      of = now;
    });
    while (!signal.aborted) {
      changed = new AbortController();
      const releases = await deployments()
        .then(async (client) => await client.ask({ kind: 'history', ...target }))
        .catch(() => undefined);
      if (releases) tell(releases);
      const again = AbortSignal.any([signal, changed.signal]);
      await sleep(releases ? historyEveryMs : lookEveryMsOnceOver, undefined, { signal: again }).catch(() => undefined);
    }
    stop();
  }, until);

const isUnderWay = ({ stands }: Picture) => stands === 'moves' || stands === 'waits' || stands === 'holds';
