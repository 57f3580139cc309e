/**
 * Where each call stands among the others, as pure functions. A call of the platform that deploys waits for the application's
 * running deployment and for older calls, at most so many applications of a zone are deployed at once, and an older call gives
 * way to a newer one of the same application.
 *
 * What changes here changes what recorded histories of `turns` do, and needs a patch like any step of a runbook.
 */
import { parseHookCallId, type HookMethod } from '../../contract/hook-calls';
import type { Entry, RunningDeployment, TurnsRequest, TurnTaken } from '../../contract/turns';

/** `supersedes`: whether the deployment that it waits for is to be asked to give way. */
export type Standing =
  | TurnTaken
  | {
      readonly turn: 'waits';
      readonly why: string;
      readonly position: number;
      readonly deployment: RunningDeployment | null;
      readonly supersedes: boolean;
    };

/** Who has its turn now, and who is left; and how each stood, by workflow ID: those that are left out too. */
export interface Settled {
  readonly queue: TurnsRequest;
  readonly standings: ReadonlyMap<string, Standing>;
}

/**
 * Gives everybody what is due, the oldest first. Who is superseded or late is left out, and so is a deployment that nobody there
 * wants the lock of.
 * @param now milliseconds since the epoch
 * @param supersedes as the queue began with it
 */
export function settle(
  { entries, deployments }: TurnsRequest,
  now: number,
  supersedes: Superseding = superseding,
): Settled {
  const standings = new Map<string, Standing>();
  let calls = entries.map(callOf).toSorted(byAge);
  for (const own of calls) {
    const standing = own.hasTurn ? taken : standingOf(own, { calls, deployments, supersedes }, now);
    standings.set(own.workflowId, standing);
    if (standing.turn === 'waits') continue;
    if (standing.turn === 'taken') own.hasTurn = true;
    else calls = calls.filter((call) => call !== own);
  }
  const left = calls.map(({ entry, hasTurn }) => ({ ...entry, hasTurn }));
  const locks = new Set(left.map(({ lock }) => lock));
  return { queue: { entries: left, deployments: deployments.filter(({ lock }) => locks.has(lock)) }, standings };
}

const taken = { turn: 'taken' } as const;

interface Others {
  /** All calls, the oldest first. */
  readonly calls: readonly Call[];
  readonly deployments: readonly RunningDeployment[];
  readonly supersedes: Superseding;
}

function standingOf(own: Call, { calls, deployments, supersedes: places }: Others, now: number): Standing {
  const place = calls.indexOf(own);
  const newer = calls.find((other, index) => index > place && givesWay(own, other, places));
  if (newer) return { turn: 'superseded', by: formatCall(newer) };
  const { lock, until } = own.entry;
  // One that has its turn was there first, however old its call is.
  const before = calls.filter((other, index) => index < place || other.hasTurn);
  const deployment = deployments.find((each) => each.lock === lock) ?? null;
  const why = deployment ? `the deployment ${lock} runs` : reasonToWait(own, before);
  if (why === undefined) return taken;
  if (until !== null && now >= Date.parse(until)) return { turn: 'late', why };
  const supersedes = deployment !== null && places[own.method].includes('ContainerRun');
  return { turn: 'waits', why, position: before.length + 1, deployment, supersedes };
}

interface Call {
  readonly entry: Entry;
  readonly workflowId: string;
  hasTurn: boolean;
  readonly startedAt: number;
  readonly method: HookMethod;
  readonly applicationKey: string;
  /** The platform's own: the calls of one publish share it. `null` for a workflow that people started under another ID. */
  readonly operationId: string | null;
}

/** What people start under an ID of their own counts as an application of its own, and takes nobody's place. */
function callOf(entry: Entry): Call {
  const { workflowId, hasTurn, startedAt } = entry;
  const unnamed = { method: 'ContainerBuild' as const, applicationKey: workflowId, operationId: null };
  return { entry, workflowId, hasTurn, startedAt: Date.parse(startedAt), ...(parseHookCallId(workflowId) ?? unnamed) };
}

const byAge = (one: Call, other: Call) =>
  one.startedAt - other.startedAt || (one.workflowId < other.workflowId ? -1 : 1);

function reasonToWait({ applicationKey, entry: { atOnce } }: Call, before: readonly Call[]): string | undefined {
  const same = before.find((other) => other.applicationKey === applicationKey);
  if (same) return `${formatCall(same)} is not over`;
  const ahead = new Set(before.map((other) => other.applicationKey)).size;
  if (ahead < atOnce) return undefined;
  return `${ahead} other applications of the zone are being deployed, and deploymentsAtOnce is ${atOnce}`;
}

/** Which calls that came before it each takes the place of. */
export type Superseding = Readonly<Record<HookMethod, readonly HookMethod[]>>;

/**
 * A publish takes the place of whatever was to come before it; a configuration only of another configuration. A removal waits for what
 * is under way: nobody is in a hurry for the containers to go, and whoever has one URL must not stop a publish with it.
 */
const superseding: Superseding = {
  ContainerBuild: [],
  ContainerRun: ['ContainerRun', 'UpdateConfigurations', 'ContainerRemove'],
  ContainerRemove: [],
  UpdateConfigurations: ['UpdateConfigurations'],
};

/** As queues that began earlier have it. */
export const earlierSuperseding: Superseding = {
  ...superseding,
  ContainerRemove: ['ContainerRun', 'UpdateConfigurations'],
};

/** The calls of one publish bear the same operation: none of them takes another's place. */
const givesWay = (older: Call, newer: Call, supersedes: Superseding): boolean =>
  older.applicationKey === newer.applicationKey &&
  older.operationId !== newer.operationId &&
  supersedes[newer.method].includes(older.method);

/** As people and the platform's log know a call. */
export const formatCall = ({ workflowId }: Pick<Entry, 'workflowId'>): string => {
  const named = parseHookCallId(workflowId);
  return named ? `${named.method} of operation ${named.operationId}` : workflowId;
};
