/**
 * Whose turn it is. A call of the platform that deploys waits for the application's running deployment and for older calls, at
 * most so many applications are deployed at once in a zone, and an older call gives way to a newer one of the same application.
 */

/** The platform's calls, by their names in a URL. */
export type HookMethod = 'ContainerBuild' | 'ContainerRun' | 'UpdateConfigurations' | 'ContainerRemove';

/** A call of the platform that isn't over. GUIDs are in lower case. */
export interface RunningCall {
  readonly workflowId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly method: HookMethod;
  readonly applicationKey: string;
  /** The platform's own: the calls of one publish share it. `null` for a workflow that people started under another ID. */
  readonly operationId: string | null;
}

/** What a call waits for. */
export interface TurnRequest {
  readonly call: RunningCall;
  /** The workflow ID of the deployment that it wants to start. */
  readonly lock: string;
  /** How many applications of the zone may be deployed at once. */
  readonly atOnce: number;
  /** ISO 8601; `null` to wait as long as it takes. */
  readonly until: string | null;
}

export type TurnTaken =
  | { readonly turn: 'taken' }
  /** A newer call for the application is there. */
  | { readonly turn: 'superseded'; readonly by: string }
  /** The time is up; why it had to wait, a sentence. */
  | { readonly turn: 'late'; readonly why: string };

/** `supersedes`: whether the deployment that runs is to be asked to give way. */
export type Standing = TurnTaken | { readonly turn: 'waits'; readonly why: string; readonly supersedes: boolean };

/**
 * Where a call stands among the others.
 * @param running the zone's calls that aren't over; the call itself may be missing among them
 * @param deploys whether a deployment of the application runs
 * @param now milliseconds since the epoch
 */
export function standingOf(
  request: TurnRequest,
  running: readonly RunningCall[],
  deploys: boolean,
  now: number,
): Standing {
  const own = running.find(({ workflowId }) => workflowId === request.call.workflowId) ?? request.call;
  const others = running.filter(({ workflowId }) => workflowId !== own.workflowId);
  const newer = others.find((other) => isOlder(own, other) && givesWay(own, other));
  if (newer) return { turn: 'superseded', by: formatCall(newer) };
  const older = others.filter((other) => isOlder(other, own));
  const why = deploys ? `the deployment ${request.lock} runs` : reasonToWait(own, older, request.atOnce);
  if (why === undefined) return { turn: 'taken' };
  if (request.until !== null && now >= Date.parse(request.until)) return { turn: 'late', why };
  return { turn: 'waits', why, supersedes: deploys && superseding[own.method].includes('ContainerRun') };
}

function reasonToWait(own: RunningCall, older: readonly RunningCall[], atOnce: number): string | undefined {
  const before = older.find(({ applicationKey }) => applicationKey === own.applicationKey);
  if (before) return `${formatCall(before)} is not over`;
  const ahead = new Set(older.map(({ applicationKey }) => applicationKey)).size;
  if (ahead < atOnce) return undefined;
  return `${ahead} other applications of the zone are being deployed, and deploymentsAtOnce is ${atOnce}`;
}

const isOlder = (one: RunningCall, other: RunningCall) =>
  one.startedAt < other.startedAt || (one.startedAt === other.startedAt && one.workflowId < other.workflowId);

/** A publish or a removal takes the place of whatever was to come before it; a configuration only of another configuration. */
const superseding: Readonly<Record<HookMethod, readonly HookMethod[]>> = {
  ContainerBuild: [],
  ContainerRun: ['ContainerRun', 'UpdateConfigurations', 'ContainerRemove'],
  ContainerRemove: ['ContainerRun', 'UpdateConfigurations'],
  UpdateConfigurations: ['UpdateConfigurations'],
};

/** The calls of one publish bear the same operation: none of them takes another's place. */
const givesWay = (older: RunningCall, newer: RunningCall): boolean =>
  older.applicationKey === newer.applicationKey &&
  older.operationId !== newer.operationId &&
  superseding[newer.method].includes(older.method);

/** As people and the platform's log know a call. */
export const formatCall = ({ workflowId, method, operationId }: RunningCall): string =>
  operationId === null ? workflowId : `${method} of operation ${operationId}`;
