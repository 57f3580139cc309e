/** How an execution answers: its status, in any state, and its outcome once it has ended. */
import { setCurrentDetails, upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { ApprovalsStatus } from '../../contract/approvals';
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { parseDeploymentId, searchAttributes } from '../../contract/ids';
import {
  summaryMemo,
  type DeploymentOutcome,
  type DeploymentStatus,
  type DeploymentSummary,
  type Phase,
} from '../../contract/status';
import { fewerEvents } from '../changes';
import { formatWanted, nextByItself, platformDeadline } from '../text/wanted';
import { formatDetails } from '../text/ui-details';
import { fittingCommands } from './commands';
import { isForward, type ApprovalState, type RunbookState, type Waiting } from './state';

/** Shows a change of the state in the Temporal UI, and to those who ask of many. */
export function showStatus(state: RunbookState): void {
  const status = statusOf(state);
  setCurrentDetails(formatDetails(status));
  if (status.outcome === null) remember(state, status);
}

/** Nothing is said until the plan knows the image, or people are wanted. */
function remember(state: RunbookState, { image, heldIn, paused, waitingFor, deadline }: DeploymentSummary): void {
  const memo = { image, heldIn, paused, waitingFor, deadline };
  const text = JSON.stringify(memo);
  const isNews = text !== state.remembered && (state.remembered !== null || image !== null || waitingFor !== null);
  if (!isNews || !fewerEvents()) return;
  state.remembered = text;
  upsertMemo({ [summaryMemo]: memo });
}

/** What it waits for, and until when, as people find it. A pause comes first. */
export const searchableWait = (
  state: Pick<RunbookState, 'paused' | 'request' | 'restorable' | 'outcome'>,
  waiting: Waiting | null,
): SearchAttributeUpdatePair[] => {
  const asked = waiting === null || waiting.for === 'bake' ? null : waiting;
  const ends = [asked?.until ?? null, platformDeadline(state)].filter((end) => end !== null);
  const isOver = state.outcome !== null;
  return [
    { key: searchAttributes.waitsFor, value: isOver ? null : state.paused ? 'resume' : (asked?.for ?? null) },
    { key: searchAttributes.deadline, value: isOver || ends.length === 0 ? null : new Date(Math.min(...ends)) },
  ];
};

/** Makes it searchable. What is known already is told once. */
export function search(state: RunbookState, pairs: SearchAttributeUpdatePair[]): void {
  const isKnown = pairs.every(({ key: { name }, value }) => state.searchable[name] === textOf(value));
  for (const { key, value } of pairs) state.searchable[key.name] = textOf(value);
  if (!(isKnown && fewerEvents())) upsertSearchAttributes(pairs);
}

const textOf = (value: unknown) => JSON.stringify(value);

/** The state as the status query answers it. */
export function statusOf(state: RunbookState): DeploymentStatus {
  const next = nextByItself(state);
  return {
    workflowId: workflowInfo().workflowId,
    strategy: state.strategy,
    way: state.way,
    image: state.request.image,
    phase: state.phase,
    heldIn: state.heldIn,
    outcome: state.outcome,
    live: state.live,
    waitingFor: formatWanted(state),
    ...(state.sick !== null && { sick: state.sick }),
    deadline: next === null ? null : iso(next.at),
    afterDeadline: next === null ? null : next.what,
    commands: state.outcome ? [] : fittingCommands(state),
    runId: workflowInfo().runId,
    forward: isForward(state),
    ...(state.approvals && { approvals: approvalsStatus(state.approvals) }),
    paused: state.paused,
    greenPercent: state.greenPercent,
    desired: state.desired,
    replicas: state.replicas,
    proofs: proofsOf(state),
    ...(state.gates.length > 0 && { gates: state.gates }),
    failure: state.failure,
    dossier: state.dossier,
    steps: state.steps.map(({ phase, started, ended, done }) => ({
      phase,
      started: iso(started),
      ended: ended === null ? null : iso(ended),
      done,
    })),
    ignored: state.ignored,
  };
}

function approvalsStatus({ demand, moment, counted, closed, brokenGlass }: ApprovalState): ApprovalsStatus {
  const { workflowId: workflow, runId: run } = workflowInfo();
  const { plan, image, minimum, approvers } = demand;
  return { workflow, run, plan, image, moment, minimum, approvers, counted, closed, brokenGlass };
}

const approvalsOutcome = ({ demand: { plan, image }, counted, brokenGlass }: ApprovalState) => ({
  plan,
  image,
  counted,
  brokenGlass,
});

const proofsOf = ({ proofs: { planned, verified, served } }: RunbookState) =>
  [verified, served ?? planned].filter((says) => says !== null);

const iso = (milliseconds: number) => new Date(milliseconds).toISOString();

/** What the workflow returns. */
export const outcomeOf = (state: RunbookState): DeploymentOutcome => ({
  outcome: state.outcome ?? 'completed',
  strategy: state.strategy,
  ...parseDeploymentId(workflowInfo().workflowId),
  image: state.request.image,
  live: state.live ?? { slot: null, servedBy: 'platform-server', image: null, version: null },
  phases: secondsByPhase(state),
  approved: state.approved,
  ...(state.approvals && { approvals: approvalsOutcome(state.approvals) }),
  failure: state.failure,
  ...(state.gates.length > 0 && { gates: state.gates }),
  note: [state.note, state.proofs.served].filter((says) => says !== null).join(' ') || null,
  dossier: state.dossier,
  by: state.request.by ?? null,
  reason: state.request.reason ?? null,
});

function secondsByPhase({ steps }: RunbookState): DeploymentOutcome['phases'] {
  const seconds: Partial<Record<Phase, number>> = {};
  for (const { phase, started, ended } of steps) {
    const tookMs = (ended ?? started) - started;
    seconds[phase] = Math.round(((seconds[phase] ?? 0) + tookMs / 1000) * 1000) / 1000;
  }
  return seconds;
}
