/** One deployment with one crash in one phase: it must end as it would have, and nobody must have noticed. */
import type { Client, WorkflowHandle } from '@temporalio/client';
import { setTimeout as sleep } from 'node:timers/promises';
import { deploymentIdOf } from '../../../contract/ids';
import type { DeploymentStatus, Phase } from '../../../contract/status';
import { setFault, type LiveApplication } from '../e2e/live-application';
import type { Crash } from './crashes';
import { answerTo, type ChaosRun, type ChaosRunbook } from './runbooks';

export interface Scenario {
  readonly runbook: ChaosRunbook;
  readonly phase: Phase;
  readonly crash: Crash;
}

export interface Survived {
  /** Whether the crash came while the deployment was in the phase. */
  readonly hit: boolean;
  readonly status: DeploymentStatus;
  /** From the moment the dead process's successor started until the deployment's next step in its history. */
  readonly wentOnAfterMs: number | null;
}

/** Drives the deployment to its end, with the crash on the way. */
export async function survive(temporal: Client, scenario: Scenario, run: ChaosRun): Promise<Survived> {
  const { runbook, phase, crash } = scenario;
  const { application } = run;
  const undo = await crash.prepare?.();
  const clear = await setFaults(runbook, phase);
  try {
    await runbook.start(run);
    const handle = temporal.workflow.getHandle(deploymentIdOf(application.target));
    const crashed = await drive(application, handle, scenario, clear);
    const status = await application.deployments.status(application.target);
    return {
      status,
      hit: crashed !== undefined,
      wentOnAfterMs: crashed === undefined ? null : await wentOn(handle, crashed),
    };
  } finally {
    await clear();
    await undo?.();
  }
}

async function setFaults({ faults }: ChaosRunbook, phase: Phase): Promise<() => Promise<void>> {
  const clears: (() => Promise<void>)[] = [];
  for (const fault of faults(phase)) clears.push(await setFault(fault));
  return async () => {
    for (const clear of clears) await clear().catch(() => undefined);
  };
}

/** Answers as a person would, and strikes once when the phase has come. Returns when the deployment has ended. */
async function drive(
  application: LiveApplication,
  handle: WorkflowHandle,
  { runbook, phase, crash }: Scenario,
  clear: () => Promise<void>,
): Promise<number | undefined> {
  const { deployments, target } = application;
  let crashed: number | undefined;
  for (;;) {
    const status = await deployments.status(target);
    if (status.outcome !== null) return crashed;
    if (status.phase === phase && crashed === undefined) {
      crashed = await crash.strike(handle);
      await clear();
    } else {
      const answer = answerTo(status, phase, runbook);
      // What is dead can't take an answer, and what just took one may have died before it said so: the next look tells.
      if (answer) await deployments.command(target, answer, { by: 'chaos' }).catch(() => undefined);
    }
    // No phase must be missed until it is struck; after that only the end is awaited.
    await sleep(crashed === undefined ? 20 : 500);
  }
}

/** Event types that say that somebody works on the deployment. */
const atWork = new Set(['EVENT_TYPE_WORKFLOW_TASK_STARTED', 'EVENT_TYPE_ACTIVITY_TASK_STARTED']);

async function wentOn(handle: WorkflowHandle, since: number): Promise<number | null> {
  const { events } = await handle.fetchHistory();
  const times = (events ?? []).flatMap(({ eventType, eventTime }) => {
    const isWork = typeof eventType === 'number' ? [6, 11].includes(eventType) : atWork.has(String(eventType));
    return isWork ? [Number(eventTime?.seconds ?? 0) * 1000 + (eventTime?.nanos ?? 0) / 1e6] : [];
  });
  const first = times.filter((time) => time > since).toSorted((one, other) => one - other)[0];
  return first === undefined ? null : Math.round(first - since);
}
