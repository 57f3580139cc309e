/**
 * The faults that can be asked for, as they stand in `POST /faults`. Times in milliseconds here are this machine's own,
 * not scaled. A fault strikes each time that it could, unless `probability` or `times` say otherwise; which times those
 * are depends on its `seed` alone.
 */
import { z } from 'zod';

const often = {
  /** Of every time that it could strike, the share that it does. */
  probability: z.number().min(0).max(1).default(1),
  /** How often it strikes at most. */
  times: z.int().min(1).optional(),
  seed: z.int().default(1),
};

/** `ecs:UpdateService`, `elasticloadbalancing:*`, `*`; a `*` stands for anything. */
const operation = z.string().regex(/^[A-Za-z0-9:*]+$/, 'must be like ecs:UpdateService, ecs:Describe* or *');
const milliseconds = z.number().min(0).max(3_600_000);

/** Which tasks: of a service by its name, of a family, of an image whose reference contains the text. Empty: every task. */
const tasks = {
  service: z.string().optional(),
  family: z.string().optional(),
  image: z.string().optional(),
  afterMs: milliseconds.default(0),
};

export const faultSchema = z.discriminatedUnion('kind', [
  /** Answers with an AWS error; the call has no effect. */
  z.strictObject({
    kind: z.literal('error'),
    operation,
    code: z.string().min(1),
    message: z.string().default('Asked for by a fault.'),
    status: z.int().min(400).max(599).optional(),
    ...often,
  }),
  /** As where a permission is missing. */
  z.strictObject({ kind: z.literal('accessDenied'), operation, ...often }),
  /** AWS's token buckets, with `share` of their published sizes and rates. */
  z.strictObject({
    kind: z.literal('throttling'),
    operation: operation.default('*'),
    share: z.number().positive().default(1),
  }),
  /** Answers late, by up to `jitterMs` more. */
  z.strictObject({
    kind: z.literal('latency'),
    operation,
    latencyMs: milliseconds,
    jitterMs: milliseconds.default(0),
    ...often,
  }),
  /** Never answers, or cuts the connection; with `effect` only after the call took effect. */
  z.strictObject({
    kind: z.literal('noAnswer'),
    operation,
    effect: z.boolean().default(true),
    how: z.enum(['hang', 'reset']).default('hang'),
    ...often,
  }),
  /** Reads see what was `staleMs` ago, at most back to when the fault was set. */
  z.strictObject({ kind: z.literal('staleReads'), operation: operation.default('*'), staleMs: milliseconds, ...often }),
  /** How long rule changes take to reach the load balancer's nodes, in AWS's (scaled) seconds. */
  z.strictObject({ kind: z.literal('propagation'), batchSeconds: z.number().min(0), jitterSeconds: z.number().min(0) }),
  /** A task's process is killed `afterMs` after it began to run. */
  z.strictObject({ kind: z.literal('taskCrash'), ...tasks, ...often }),
  /** A task's process stops answering `afterMs` after it began to run, and doesn't hear SIGTERM; it goes on when the fault is taken back. */
  z.strictObject({ kind: z.literal('taskHang'), ...tasks, ...often }),
  /** A task's process begins `afterMs` later. */
  z.strictObject({ kind: z.literal('slowStart'), ...tasks, ...often }),
  /** A task's image can't be pulled. */
  z.strictObject({ kind: z.literal('noImage'), ...tasks, ...often }),
  /** The targets of a group, by its name, turn unhealthy and healthy again every `periodMs`. */
  z.strictObject({ kind: z.literal('flappingHealth'), targetGroup: z.string(), periodMs: z.number().min(10) }),
  /** Tasks that a cluster has room for. */
  z.strictObject({ kind: z.literal('capacity'), tasks: z.int().min(0) }),
]);

export type Fault = z.infer<typeof faultSchema>;

/** A fault as it is sent: what has a default may be left out. */
export type FaultRequest = z.input<typeof faultSchema>;

/** Throws with one sentence that says what is wrong with it. */
export function parseFault(json: string): Fault {
  const result = faultSchema.safeParse(JSON.parse(json));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`The fault isn't valid: ${issue?.path.join('.') || 'kind'}: ${issue?.message}.`);
}
