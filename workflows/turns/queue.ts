/** The queue of a zone as its workflow keeps it: what is said of it changes it, and whom that concerns is told. */
import type {
  Entering,
  Entry,
  RunningDeployment,
  TurnAnswer,
  TurnsRequest,
  TurnsStatus,
  WorkflowRun,
} from '../../contract/turns';
import type { Outbox } from './outbox';
import { formatCall, settle, type Standing, type Superseding } from './standing';

export interface Queue {
  readonly now: () => TurnsRequest;
  readonly status: () => TurnsStatus;
  /** Whether somebody waits. */
  readonly hasWaiting: () => boolean;
  /** Asked again, or by another run of the same call, it is the same place. */
  readonly enter: (entering: Entering) => TurnAnswer;
  /** A call that has its turn has started its deployment. */
  readonly started: (call: Pick<Entry, 'workflowId'>, deployment: RunningDeployment) => void;
  /** A call needs no turn any more. @param over whether the deployment that it started has ended */
  readonly leave: (call: WorkflowRun, over: boolean) => void;
  /** These runs have ended: calls, or deployments. */
  readonly ended: (runs: readonly WorkflowRun[]) => void;
}

/** @param supersedes which calls take others' places; default as they do now */
export function createQueue(
  initial: TurnsRequest,
  outbox: Outbox,
  changed: () => void,
  supersedes?: Superseding,
): Queue {
  let queue = initial;
  let standings: ReadonlyMap<string, Standing> = new Map();

  /** @param asking the workflow ID of a call that gets its answer in another way */
  function change(to: TurnsRequest, asking?: string): void {
    const settled = settle(to, Date.now(), supersedes);
    ({ queue, standings } = settled);
    for (const entry of to.entries) {
      const standing = standings.get(entry.workflowId);
      if (entry.hasTurn || standing === undefined) continue;
      if (standing.turn === 'waits') askToEnd(entry, standing);
      // One that is late asks once more by itself.
      else if (standing.turn !== 'late' && entry.workflowId !== asking) outbox.tell(entry, standing);
    }
    changed();
  }

  function askToEnd(entry: Entry, { deployment, supersedes }: Extract<Standing, { turn: 'waits' }>): void {
    if (deployment) outbox.ask(deployment, supersedes ? formatCall(entry) : null);
  }

  return {
    now: () => queue,
    status: () => statusOf(queue, standings),
    hasWaiting: () => queue.entries.some(({ hasTurn }) => !hasTurn),
    enter: ({ deployment, ...entrant }) => {
      const { workflowId, runId, lock } = entrant;
      const hasTurn =
        deployment === null && queue.entries.some((one) => isRun(one, { workflowId, runId }) && one.hasTurn);
      const others = queue.entries.filter((one) => one.workflowId !== workflowId);
      const deployments = queue.deployments.filter((one) => one.lock !== lock);
      if (deployment !== null) deployments.push({ lock, runId: deployment });
      change({ entries: [...others, { ...entrant, hasTurn }], deployments }, workflowId);
      return answerOf(standings.get(workflowId));
    },
    started: ({ workflowId }, deployment) => {
      if (!queue.entries.some((one) => one.workflowId === workflowId)) return;
      const deployments = queue.deployments.filter(({ lock }) => lock !== deployment.lock);
      change({ ...queue, deployments: [...deployments, deployment] });
    },
    leave: (call, over) => {
      const leaving = queue.entries.find((one) => isRun(one, call));
      if (!leaving) return;
      const entries = queue.entries.filter((one) => one !== leaving);
      const deployments = queue.deployments.filter(({ lock }) => !(over && leaving.hasTurn && lock === leaving.lock));
      change({ entries, deployments });
    },
    ended: (runs) => {
      const has = (run: WorkflowRun) => runs.some((one) => isRun(one, run));
      const entries = queue.entries.filter((one) => !has(one));
      const deployments = queue.deployments.filter(({ lock, runId }) => !has({ workflowId: lock, runId }));
      if (entries.length < queue.entries.length || deployments.length < queue.deployments.length)
        change({ entries, deployments });
    },
  };
}

const isRun = (one: WorkflowRun, other: WorkflowRun) =>
  one.workflowId === other.workflowId && one.runId === other.runId;

function answerOf(standing: Standing | undefined): TurnAnswer {
  if (standing?.turn !== 'waits') return standing ?? { turn: 'taken' };
  const { turn, why, position } = standing;
  return { turn, why, position };
}

function statusOf({ entries }: TurnsRequest, standings: ReadonlyMap<string, Standing>): TurnsStatus {
  const format = (entry: Entry) => `${entry.lock}: ${formatCall(entry)}`;
  const waiting = entries.flatMap((entry) => {
    const standing = standings.get(entry.workflowId);
    return entry.hasTurn ? [] : [{ call: format(entry), why: standing?.turn === 'waits' ? standing.why : '' }];
  });
  return { working: entries.filter(({ hasTurn }) => hasTurn).map(format), waiting };
}
