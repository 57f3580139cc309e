/**
 * Who comes first where more is asked than workers can do: a deployment that goes back before all others, people's questions last,
 * and applications in turn. https://docs.temporal.io/develop/task-queue-priority-fairness
 */
import type { Priority } from '@temporalio/common';
import { workflowInfo } from '@temporalio/workflow';

/** Of this execution: workflows share no module's state. */
let goesBack = false;

/** From now on what this run asks for comes first. */
export const comeFirst = (): void => void (goesBack = true);

/** Of an activity of this run. */
export const priorityNow = (): Priority => ({ priorityKey: goesBack ? 1 : 3, fairnessKey: fairnessKey() });

export const questionPriority: Priority = { priorityKey: 5 };

/** The application's lock. Temporal takes 64 bytes. */
const fairnessKey = () =>
  workflowInfo()
    .workflowId.replaceAll(/[^ -~]/g, '?')
    .slice(0, 64);
