/**
 * Who comes first where more is asked than workers can do: a deployment that goes back before all others, then one whose users have
 * begun to move, so that it is over soon; people's questions last, and applications in turn.
 * https://docs.temporal.io/develop/task-queue-priority-fairness
 */
import type { Priority } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/** Of this execution: workflows share no module's state. */
let priorityKey = 3;

/** From now on what this run asks for comes first. */
export const comeFirst = (): void => void (priorityKey = 1);

/** From now on it comes before what only begins. */
export const finishSoon = (): void => void (priorityKey = Math.min(priorityKey, 2));

/** Of an activity of this run. */
export const priorityNow = (): Priority => ({ priorityKey, fairnessKey: fairnessKey() });

export const questionPriority: Priority = { priorityKey: 5 };

/** The application's lock. Temporal takes 64 bytes. */
const fairnessKey = () =>
  workflowInfo()
    .workflowId.replaceAll(/[^ -~]/g, '?')
    .slice(0, 64);
