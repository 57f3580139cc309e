/** Every application of a zone: by one question to Temporal each time, and seldom one to a worker, however many look. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployments } from '../../client/deployments';
import type { ListedDeployment } from '../../client/known/listed';
import { formatPhase } from '../../client/text/phase';
import { parseDeploymentId } from '../../contract/ids';
import { formatServing } from '../../contract/text';
import type { Serving } from '../../planning/observed/blue';
import type { Settings } from '../../settings/schema';
import type { ApplicationRow, ZoneView } from '../view';
import { shared, type Shared } from './shared';

export interface Watching {
  readonly settings: () => Settings;
  /** @throws {Refused} while Temporal can't be reached */
  readonly deployments: () => Promise<Deployments>;
}

type Running = readonly Omit<ListedDeployment, 'stuck'>[];

const lookEveryMs = 2_000;
/** What serves changes with deployments, which are seen at once, and else by other hands. */
const askEveryMs = 30_000;

export const watchZone = ({ settings, deployments }: Watching, zone: string, until: AbortSignal): Shared<ZoneView> =>
  shared(async (tell, signal) => {
    let running: Running = [];
    let live: Readonly<Record<string, Serving>> = {};
    let asked: { readonly of: string; readonly at: number } | undefined;
    let isAsking = false;
    const why = new Map<string, string>();
    const trying = async (what: string, look: () => Promise<void>) => {
      try {
        await look();
        why.delete(what);
      } catch (error) {
        why.set(what, (error as Error).message);
      }
      const { zones, applications } = settings();
      const rows = rowsOf(zone, Object.keys(applications), live, running);
      const [unanswered = null] = why.values();
      tell({ zone, zones: Object.keys(zones), applications: rows, unanswered });
    };
    while (!signal.aborted) {
      await trying('running', async () => {
        running = await (await deployments()).runningIn(zone);
      });
      const of = running.map(({ runId }) => runId).join();
      if (!isAsking && (asked?.of !== of || performance.now() - asked.at > askEveryMs)) {
        asked = { of, at: performance.now() };
        isAsking = true;
        // A worker that is away, or reads hundreds of applications, doesn't hold up what Temporal itself knows.
        void trying('live', async () => {
          live = await (await deployments()).ask({ kind: 'zone', zone });
        }).finally(() => (isAsking = false));
      }
      await sleep(lookEveryMs, undefined, { signal }).catch(() => undefined);
    }
  }, until);

function rowsOf(
  zone: string,
  configured: readonly string[],
  live: Readonly<Record<string, Serving>>,
  running: Running,
): ApplicationRow[] {
  const byName = new Map(running.map((one) => [parseDeploymentId(one.workflowId).application, one]));
  const names = new Set([...configured, ...Object.keys(live), ...byName.keys()]);
  return [...names]
    .toSorted((one, other) => one.localeCompare(other))
    .map((application) => {
      const serving = live[application];
      return {
        application,
        live: serving === undefined ? null : formatServing(serving),
        deployment: rowOf(byName.get(application)),
      };
    });
}

function rowOf(deployment: Running[number] | undefined): ApplicationRow['deployment'] {
  if (deployment === undefined) return null;
  const { image, phase, heldIn, paused, waitingFor, deadline } = deployment;
  const headline = formatPhase({ phase: phase ?? 'begins', heldIn, paused });
  const stands = phase === 'hold' ? 'holds' : waitingFor === null ? 'moves' : 'waits';
  return { image, headline, stands, wanted: waitingFor, deadline };
}
