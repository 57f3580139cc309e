/**
 * What people ask a worker, for only a worker can read AWS and the shared folders: what serves, what a deployment would do, what
 * is there on AWS, what stands in the way, what tasks logged. Each is the input of one activity, or of one short `describe` run.
 */
import { z } from 'zod';
import type { Finding } from '../planning/doctor';
import type { Serving } from '../planning/observed/blue';
import type { DeploymentPreview } from '../planning/preview/preview';
import type { Topology } from '../planning/topology';
import type { AuditReport } from '../settings/audit/chain';
import { activityRetry } from './ids';
import { parseRequest, type Parsed } from './parsing';
import { deploymentRequest, runbookRequest } from './runbook-requests';
import type { ReleaseEntry } from './status';

/** How long an answer may take, as options of its activity, in a workflow or by itself. */
export const questionLimits = {
  /** What a person waits for: an answer or an error within half a minute. */
  ofApplication: { startToCloseTimeout: '25s', scheduleToCloseTimeout: '30s', retry: activityRetry },
  /** Of a zone, whose applications may be hundreds: as long as AWS's rates let it take, while a worker gives signs of life. */
  ofZone: {
    startToCloseTimeout: '10m',
    heartbeatTimeout: '20s',
    scheduleToStartTimeout: '30s',
    retry: { ...activityRetry, maximumAttempts: 5 },
  },
} as const;

const zone = z.string().min(1).max(50);
const application = z.string().min(1).max(100);

/** The input: `{"kind": "live", "zone": "…", "application": "…"}`. */
const question = z.discriminatedUnion('kind', [
  /** What serves an application. */
  z.strictObject({ kind: z.literal('live'), zone, application }),
  /** What serves each application of a zone. */
  z.strictObject({ kind: z.literal('zone'), zone }),
  /** What a deployment would do. */
  z.strictObject({ kind: z.literal('plan'), zone, application, deployment: deploymentRequest() }),
  /** What another runbook would do. */
  z.strictObject({
    kind: z.literal('planRunbook'),
    zone,
    application,
    runbook: z.enum(['undo', 'updateConfiguration', 'removeApplication']),
    input: runbookRequest().default({}),
  }),
  /** The releases of an application, newest first. */
  z.strictObject({ kind: z.literal('history'), zone, application }),
  /** What an application is made of. */
  z.strictObject({ kind: z.literal('topology'), zone, application }),
  /** The same again and again, in the activity's heartbeats, so that a long look leaves a short history. */
  z.strictObject({ kind: z.literal('watch'), zone, application }),
  /** What stands in the way of deployments; tries, if asked to, whether the load balancer takes `(?i)`. */
  z.strictObject({ kind: z.literal('doctor'), zone, tryInlineFlags: z.boolean().default(false) }),
  /** What is wrong with a zone's audit trail, by what Temporal knows to have been written last. */
  z.strictObject({
    kind: z.literal('audit'),
    zone,
    head: z.strictObject({ sequence: z.int(), hash: z.string().max(100) }).optional(),
    final: z.boolean().optional(),
  }),
  /** Whether a channel of the news takes a message: it is sent one. */
  z.strictObject({ kind: z.literal('notify'), zone, channel: z.string().min(1).max(50) }),
  /** The last lines of an application's tasks. */
  z.strictObject({ kind: z.literal('logs'), zone, application, lines: z.int().min(1).max(500).default(20) }),
]);
/** The input before it is read. */
export type DescribeRequest = z.input<typeof question>;
/** {@link DescribeRequest} once read. */
export type Question = z.infer<typeof question>;
export type DescribeKind = DescribeRequest['kind'];

/** One sentence about the first thing that is wrong; never throws. */
export const parseQuestion = (input: unknown): Parsed<Question> =>
  parseRequest(question, input, 'a question', '{"kind": "live", "zone": "…", "application": "…"}');

/** What each kind of question is answered with. */
export interface Descriptions {
  readonly live: Serving;
  readonly zone: Readonly<Record<string, Serving>>;
  readonly plan: DeploymentPreview;
  readonly planRunbook: DeploymentPreview;
  readonly history: readonly ReleaseEntry[];
  readonly topology: Topology;
  readonly watch: null;
  readonly doctor: readonly Finding[];
  readonly audit: AuditReport;
  readonly notify: { readonly sent: true };
  readonly logs: readonly TaskLog[];
}

/** The end of what one task printed. */
export interface TaskLog {
  readonly task: string;
  readonly service: string;
  readonly status: string;
  /** Oldest first. */
  readonly lines: readonly { readonly at: string | null; readonly text: string }[];
}

/** A finding of `cutover doctor`, for the folders that may not import the functions of planning/. */
export const finding = ({
  check,
  state,
  says,
  next = null,
  application = null,
}: Pick<Finding, 'check' | 'state' | 'says'> & Partial<Finding>): Finding => ({
  check,
  state,
  says,
  next,
  application,
});
