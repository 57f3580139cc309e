/** What a runbook can do with its execution: steps, approvals, waits, the way back, and recording what it finds out. */
import { sleep } from '@temporalio/workflow';
import type { Evidence, Phase, RollProgress } from '../../contract/status';
import type { ApprovedRelease } from '../../planning/approvals/record';
import type { GateStanding } from '../../planning/gates/standing';
import type { Slot } from '../../planning/names';
import type { Serving } from '../../planning/observed/blue';
import type { DeploymentPlan } from '../../planning/plans/deployment';
import type { Release } from '../../planning/release/release';
import { knowListening, tell as audit, type Listening } from '../audit/tell';
import { waitForApproval, type Question, type Watched } from './approval';
import { takeCommands, type Execution } from './execution';
import { finish, withRollback } from './rollback';
import { approvalsOf, approvedFacts, approvedOf, procedureOf } from './state';
import { showStatus } from './status';
import { runStep, type Held } from './step';
import { waitInPhase, warnWhenLate } from './wait';

export interface Run {
  /** Runs one step; a failure holds it until a person decides how to go on, and meanwhile does `whileHeld`, once. */
  step: <T>(phase: Phase, action: () => Promise<T>, whileHeld?: Held<T>['whileHeld']) => Promise<T>;
  /**
   * Asks for an approval, unless the deployment wants none at this moment.
   * @param question asked whatever the deployment wants
   * @param watch looks meanwhile whether what is asked about is still well
   * @returns `false` once the question is not to be asked any more
   */
  approval: (moment: 'beforeStart' | 'afterVerify', question?: Question, watch?: Watched) => Promise<boolean>;
  /** What counted of signed approvals; `undefined` where none was wanted. */
  approved: () => ApprovedRelease | undefined;
  /** Lets time pass while something is watched; `promote` ends this bake and those that would follow. */
  wait: (phase: 'settle' | 'bake', durationMs: number, watch: () => Promise<void>) => Promise<void>;
  /** Lets time pass that no command shortens. */
  sleep: (durationMs: number, summary: string) => Promise<void>;
  /** Runs an action; while it takes longer than a worker needs, the status says what may be missing. */
  warnWhenLate: <T>(missing: string, action: () => Promise<T>) => Promise<T>;
  /** Does the forward part, which fills in `progress`; when it turns back, restores. @returns whether it went forward */
  withRollback: <Progress>(
    progress: Progress,
    forward: (progress: Progress) => Promise<void>,
    restore: (progress: Readonly<Progress>) => Promise<void>,
  ) => Promise<boolean>;
  /** The part after which nothing rolls back: what fails there for good is reported as left over. */
  finish: (body: () => Promise<void>) => Promise<void>;
  /** Whether what remains of traffic steps is to be skipped. */
  isPromoted: () => boolean;
  /** From now on AWS is asked about a failure, and what it says is kept. */
  collectEvidenceWith: (collect: () => Promise<Evidence>) => void;
  /**
   * The plan is made: from now on its options hold, and what is live is known.
   * @param afterBake what the end of the last bake does, where that isn't what it always does
   */
  recordPlan: (plan: PlannedRunbook, afterBake?: string) => void;
  /** Green has this share of live traffic now, in percent. */
  recordGreenShare: (percent: number) => void;
  /** A slot is proven to serve all live traffic. */
  recordServing: (slot: Slot, release: Release) => void;
  /** What served before, or the Platform Server, is proven to serve all live traffic again. */
  recordRestored: (live: Serving) => void;
  /** How far a rolling update is. */
  recordRoll: (progress: RollProgress) => void;
  /** How it was proven that replicas are warm (`verified`), or that traffic has moved (`served`), as a sentence. */
  recordProof: (of: 'verified' | 'served', says: string) => void;
  /** How its gates stand. */
  recordGates: (standings: readonly GateStanding[]) => void;
  /** What the status says is in the way now, a sentence; `null` once nothing is. */
  tell: (obstacle: string | null) => void;
  /** What people should know of how it went. */
  note: (note: string) => void;
}

/** What a run needs to know of its plan; a removal's has no release, and no green. */
export type PlannedRunbook = Pick<DeploymentPlan, 'options' | 'live'> &
  Partial<Pick<DeploymentPlan, 'site' | 'release' | 'blue' | 'green' | 'behindLogin' | 'approvals' | 'application'>> &
  Listening;

export const runOf = (execution: Execution): Run => ({
  step: (phase, action, whileHeld) => runStep(execution, phase, { action, whileHeld }),
  approval: (moment, question, watch) => waitForApproval(execution, moment, question, watch),
  approved: () => approvedOf(execution.state),
  wait: (phase, durationMs, watch) => waitInPhase(execution, phase, durationMs, watch),
  sleep: (durationMs, summary) => sleep(durationMs, { summary }),
  warnWhenLate: (missing, action) => warnWhenLate(execution, missing, action),
  withRollback: (progress, forward, restore) => withRollback(execution, progress, forward, restore),
  finish: (body) => finish(execution, body),
  isPromoted: () => execution.state.promoted,
  collectEvidenceWith: (collect) => {
    execution.collectEvidence = collect;
  },
  recordPlan: (plan, afterBake) => recordPlan(execution, plan, afterBake),
  recordGreenShare: (percent) => recordGreenShare(execution, percent),
  recordServing: (slot, release) => recordServing(execution, slot, release),
  recordRestored: (live) => recordRestored(execution, live),
  recordRoll: (progress) => recordRoll(execution, progress),
  recordProof: (of, says) => recordProof(execution, of, says),
  recordGates: (standings) => recordGates(execution, standings),
  tell: (obstacle) => tell(execution, obstacle),
  note: (note) => addNote(execution, note),
});

function recordPlan(execution: Execution, plan: PlannedRunbook, afterBake: string | undefined): void {
  const { state } = execution;
  execution.options = plan.options;
  if (plan.site) execution.site = plan.site;
  state.afterBake = afterBake ?? null;
  state.way = procedureOf(state.strategy, plan.options.strategy);
  takeCommands(execution);
  state.request = { ...state.request, image: plan.release?.image ?? null };
  state.live = plan.live;
  knowListening(state.audit, plan);
  if (plan.approvals && plan.application) state.approvals = approvalsOf(plan.approvals, plan.application);
  if (plan.behindLogin) state.proofs.planned = plan.behindLogin.says;
  if (plan.blue && plan.green) state.desired = desiredCounts(plan.blue, plan.green);
  if (state.way === 'blueGreen') state.greenPercent = 0;
  showStatus(state);
}

const desiredCounts = (blue: DeploymentPlan['blue'], green: DeploymentPlan['green']) => ({
  blue: blue.kind === 'platformServer' ? 0 : blue.desiredCount,
  green: green.service.desiredCount,
});

function recordGreenShare({ state }: Execution, percent: number): void {
  state.greenPercent = percent;
  audit(state.audit, 'cut', { greenPercent: percent, ...approvedFacts(state) });
  showStatus(state);
}

function recordServing({ state, platform }: Execution, slot: Slot, { image, version }: Release): void {
  state.live = { slot, servedBy: 'container', image, version };
  audit(state.audit, 'served', { slot, image });
  state.proven = true;
  platform.report();
  showStatus(state);
}

function recordRestored({ state }: Execution, live: Serving): void {
  state.live = live;
  audit(state.audit, 'served', { slot: live.slot, servedBy: live.servedBy, image: live.image });
  if (state.way === 'blueGreen') state.greenPercent = 0;
  showStatus(state);
}

function recordRoll({ state }: Execution, progress: RollProgress): void {
  state.replicas = progress;
  showStatus(state);
}

function recordProof({ state }: Execution, of: 'verified' | 'served', says: string): void {
  state.proofs[of] = says;
  showStatus(state);
}

function recordGates({ state }: Execution, standings: readonly GateStanding[]): void {
  state.gates = standings;
  showStatus(state);
}

function tell({ state }: Execution, obstacle: string | null): void {
  state.missing = obstacle;
  showStatus(state);
}

function addNote({ state }: Execution, note: string): void {
  state.note = state.note === null ? note : `${state.note} ${note}`;
}
