/**
 * The activities as runbooks call them. Writes and reads are short and retried by Temporal; waits run as long as they need
 * and heartbeat, so that a worker that dies is noticed within seconds.
 */
import { ActivityFailure, TimeoutFailure } from '@temporalio/common';
import {
  ActivityCancellationType,
  CancellationScope,
  proxyActivities,
  sleep,
  type ActivityOptions,
} from '@temporalio/workflow';
import type { ApprovalActivities } from '../activities/approvals/index';
import type { AuditActivities, auditDescriptions } from '../activities/audit/index';
import type { AwsActivities, AwsWaits } from '../activities/aws/index';
import type { CutActivities } from '../activities/cut/index';
import type { AwsDescriptions } from '../activities/aws/questions/index';
import type { FileActivities } from '../activities/files/index';
import type { GateActivities } from '../activities/gates/index';
import type { NewsActivities, newsQuestions } from '../activities/news/index';
import type { ProbeActivities } from '../activities/probes/index';
import { activityRetry as retry, taskQueues, writeLeaseMs } from '../contract/ids';
import { questionLimits } from '../contract/questions';
import { changed } from './changes';
import { priorityNow, questionPriority } from './priority';
import {
  approvalSummaries,
  awsSummaries,
  fileSummaries,
  planningSummaries,
  probeSummaries,
  cutSummaries,
  waitSummaries,
  type Summaries,
} from './text/activity-summaries';

/**
 * After some ten minutes of retries the step holds. What it waits for its turn within AWS's rates isn't among them, for nothing is
 * wrong then: an attempt waits for as long as it may, and so many of them end only where AWS, or who calls it, fails that often.
 */
const stepOptions = {
  startToCloseTimeout: '10m',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '1h',
  // TRY_CANCEL, the default, would let a rollback race the write that it undoes.
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 30 },
} as const;

/** Of what has no lease: nothing comes of it if two attempts go on at once, but on a worker that is full it would be done twice. */
const readingOptions = { ...stepOptions, heartbeatTimeout: '10s' } as const;

/** Writes under leases, with the reads before them. */
export const aws = landed(summarized<AwsActivities>({ taskQueue: taskQueues.aws, ...stepOptions }, awsSummaries));

/** The cut, after one look. */
export const cuts = landed(summarized<CutActivities>({ taskQueue: taskQueues.aws, ...stepOptions }, cutSummaries));

/** What works on shared folders, by workers that have the mounts. */
export const files = summarized<FileActivities>(
  { taskQueue: taskQueues.files, ...readingOptions, startToCloseTimeout: '2m', scheduleToCloseTimeout: '10m' },
  fileSummaries,
);

type Planning = Pick<
  AwsActivities,
  | 'planBlueGreenUnconfigured'
  | 'planRollingUpdateUnconfigured'
  | 'planBlueGreen'
  | 'planRollingUpdate'
  | 'planUndo'
  | 'planRemoval'
  | 'planUpdateConfiguration'
  | 'planRetirement'
>;

/** What must be written down in the end, however long that which keeps it is away. */
export const auditing = proxyActivities<AuditActivities>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '1m',
  retry: { ...retry, maximumInterval: '1m' },
});

/** What people and programs are told: one try each, for who sends a message again must know what became of it. */
export const news = proxyActivities<Pick<NewsActivities, 'sendNews'>>({
  taskQueue: taskQueues.waits,
  startToCloseTimeout: '20s',
  scheduleToStartTimeout: '1m',
  heartbeatTimeout: '15s',
  retry: { maximumAttempts: 1 },
});

/** Whom to tell: what waits is lost unless it is known in the end. */
export const audience = proxyActivities<Pick<NewsActivities, 'describeChannels'>>({
  taskQueue: taskQueues.waits,
  startToCloseTimeout: '10s',
  retry: { ...retry, maximumInterval: '1m' },
});

/** What must stand in a release's record in the end, however long AWS is away. */
export const recording = proxyActivities<Pick<AwsActivities, 'recordCountersignature'>>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '2m',
  heartbeatTimeout: writeLeaseMs,
  retry,
});

/** What approvals are worth: short, for a person waits for the answer, and whoever sent one may send it again. */
export const approvals = summarized<ApprovalActivities>(
  { taskQueue: taskQueues.aws, startToCloseTimeout: '30s', scheduleToCloseTimeout: '1m', retry },
  approvalSummaries,
);

/** Plans, each from what is read of a whole zone. */
export const planning = summarized<Planning>({ taskQueue: taskQueues.aws, ...readingOptions }, planningSummaries);

/** What AWS says about a failure: worth a few tries, but not worth waiting for. */
export const evidence = proxyActivities<Pick<AwsActivities, 'describeEvidence'>>({
  taskQueue: taskQueues.aws,
  startToCloseTimeout: '15s',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '30s',
  retry: { ...retry, maximumAttempts: 3 },
});

const tidyingOptions = {
  startToCloseTimeout: '1m',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '2m',
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
  retry: { ...retry, maximumAttempts: 3 },
} as const;

/** Tidies up after a deployment that is over: worth a few tries, and never worth waiting for. */
export const tidying = {
  aws: proxyActivities<Pick<AwsActivities, 'describeConfigurationReferences'>>({
    taskQueue: taskQueues.aws,
    ...tidyingOptions,
  }),
  files: proxyActivities<Pick<FileActivities, 'describeCopies' | 'removeCopies'>>({
    taskQueue: taskQueues.files,
    ...tidyingOptions,
  }),
};

/** How the waits of a run that began before they had a task queue of their own go on. */
const earlierWaits = {
  taskQueue: taskQueues.aws,
  heartbeatTimeout: writeLeaseMs,
  cancellationType: ActivityCancellationType.WAIT_CANCELLATION_COMPLETED,
} as const;

const waitOptions = {
  taskQueue: taskQueues.waits,
  // They change nothing, and so nothing has to wait until one has heard that it is over.
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  startToCloseTimeout: '7d',
  // What is waited for may come at any moment: an AWS that was away must not cost twenty more seconds.
  retry: { ...retry, maximumInterval: '3s' },
} as const;

/** How soon another worker takes over, by whether the run stands still until then. */
const takenOverAfter = (name: string) => (name.startsWith('watch') ? '90s' : '6s');

const waitOptionsNow = (name: string): ActivityOptions =>
  changed('waits-apart') ? { heartbeatTimeout: takenOverAfter(name) } : earlierWaits;

export const waits = summarized<AwsWaits>(waitOptions, waitSummaries, waitOptionsNow);
export const probes = summarized<ProbeActivities>(waitOptions, probeSummaries, waitOptionsNow);

/** What is judged: seldom enough told to be cheap, and soon enough for who looks at the status. */
export const gates = summarized<GateActivities>(
  { ...waitOptions, heartbeatTimeout: '30s' },
  { examineGates: () => 'Every gate, before green has any traffic', judgeGates: () => 'Every gate' },
);

/** One try, for each is a message. */
export const channels = proxyActivities<ReturnType<typeof newsQuestions>>({
  taskQueue: taskQueues.questions,
  startToCloseTimeout: '25s',
  scheduleToStartTimeout: '30s',
  retry: { maximumAttempts: 1 },
});

/** What people ask about an application. */
export const descriptions = proxyActivities<AwsDescriptions & ReturnType<typeof auditDescriptions>>({
  taskQueue: taskQueues.questions,
  priority: questionPriority,
  ...questionLimits.ofApplication,
});

/** What people ask about a whole zone. */
export const ofZones = proxyActivities<Pick<AwsDescriptions, 'describeZone' | 'examineZone'>>({
  taskQueue: taskQueues.questions,
  priority: questionPriority,
  ...questionLimits.ofZone,
});

/** The same for shared folders, by workers that have the mounts. */
export const folders = proxyActivities<Pick<FileActivities, 'examineFiles'>>({
  taskQueue: taskQueues.files,
  startToCloseTimeout: '12s',
  heartbeatTimeout: writeLeaseMs,
  scheduleToCloseTimeout: '15s',
  retry,
});

/** What a person watches, for an hour at most. It ends when nobody looks any more. */
export const watching = proxyActivities<Pick<AwsDescriptions, 'watchTopology'>>({
  ...waitOptions,
  heartbeatTimeout: '20s',
  startToCloseTimeout: '1h',
  priority: questionPriority,
});

interface Summarizable {
  executeWithOptions(options: ActivityOptions, args: readonly unknown[]): Promise<unknown>;
}

/** The limit that Temporal documents is 200 bytes. */
const longestSummary = 180;

/**
 * Writes, with a wait for those that timed out: one may still be on its way for the length of a lease, and what is written next,
 * above all by a rollback, must come after it.
 */
function landed<Activities extends object>(activities: Activities): Activities {
  return new Proxy(activities, {
    get(target, name) {
      const activity = Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>;
      return (...args: unknown[]) =>
        activity(...args).catch(async (error: unknown) => {
          if (timedOut(error) && changed('wait-for-writes-that-timed-out'))
            await CancellationScope.nonCancellable(() =>
              sleep(writeLeaseMs, { summary: 'Its last write may still land' }),
            );
          throw error;
        });
    },
  });
}

const timedOut = (error: unknown) => error instanceof ActivityFailure && error.cause instanceof TimeoutFailure;

/**
 * Activities, each call with its summary for the Temporal UI, and with its run's priority.
 * @param optionsNow what else holds for a call of this name
 */
function summarized<Activities extends object>(
  options: ActivityOptions,
  summaries: Summaries<Activities>,
  optionsNow: (name: string) => ActivityOptions = () => ({}),
): Activities {
  return new Proxy(proxyActivities(options), {
    get(target, name) {
      const activity = Reflect.get(target, name) as Summarizable;
      const summarize = (summaries as Readonly<Record<string | symbol, (...args: unknown[]) => string>>)[name];
      return (...args: unknown[]) => {
        const summary = summarize?.(...args).slice(0, longestSummary);
        const now = { ...optionsNow(String(name)), priority: priorityNow() };
        return activity.executeWithOptions({ ...now, ...(summary !== undefined && { summary }) }, args);
      };
    },
  }) as Activities;
}
