/**
 * Where a run's activities go: to any worker, until one says that the zone has workers of its own; from then on to those. A workflow
 * can't read the settings that say so, and has it in its history this way.
 */
import { ActivityFailure, ApplicationFailure } from '@temporalio/common';
import { scheduleActivity, type WorkflowInterceptors, type WorkflowInterceptorsFactory } from '@temporalio/workflow';
import { servedApart, zoneQueueOf } from '../contract/ids';

export const interceptors: WorkflowInterceptorsFactory = (): WorkflowInterceptors => {
  let zone: string | undefined;
  return {
    outbound: [
      {
        scheduleActivity: async (input, next) => {
          const { taskQueue } = input.options;
          const isOwn = zone !== undefined && taskQueue?.endsWith(zoneQueueOf('', zone));
          if (zone !== undefined && taskQueue !== undefined && !isOwn)
            return await next({ ...input, options: { ...input.options, taskQueue: zoneQueueOf(taskQueue, zone) } });
          try {
            return await next(input);
          } catch (error) {
            const told = zoneThatIsApart(error);
            if (told === undefined || isOwn) throw error;
            zone = told;
            // Anew, with a number of its own; it comes by here again.
            return await scheduleActivity(input.activityType, input.args, input.options);
          }
        },
      },
    ],
  };
};

function zoneThatIsApart(error: unknown): string | undefined {
  if (!(error instanceof ActivityFailure && error.cause instanceof ApplicationFailure)) return undefined;
  const { type, details } = error.cause;
  const [zone] = details ?? [];
  return type === servedApart && typeof zone === 'string' ? zone : undefined;
}
