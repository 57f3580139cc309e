/**
 * The faults that can be set, in the form that `POST /faults` takes. Times in milliseconds are real time, not scaled. A fault
 * strikes each time that it could, unless it has a `probability` or a number of `times`; when it then strikes depends only on
 * its `seed`.
 */
import { z } from 'zod';

const often = {
  probability: z
    .number()
    .min(0)
    .max(1)
    .default(1)
    .describe('of every time that it could strike, the share that it does'),
  times: z.int().min(1).optional().describe('how often it strikes at most'),
  seed: z.int().default(1).describe('which times those are'),
};

/** The options that select calls, beside the operation. */
const ofCalls = {
  only: z.enum(['reads', 'writes']).optional().describe('only these calls'),
  about: z.string().min(1).optional().describe('only calls about something whose name, ARN or tag has this text in it'),
  repeats: z.boolean().default(true).describe('whether it strikes a call that asks for the same as one that it struck'),
  ...often,
};

const operation = z
  .string()
  .regex(/^[A-Za-z0-9:*]+$/, 'must be like ecs:UpdateService, ecs:Describe* or *')
  .describe('like ecs:UpdateService, elasticloadbalancing:Describe* or *');
const address = z
  .string()
  .regex(/^127(\.\d{1,3}){3}$|^::1$/, 'must be a loopback address like 127.0.0.2')
  .describe('a loopback address of this machine, like 127.0.0.2');
const milliseconds = z.number().min(0).max(3_600_000);

/** The options that select tasks. Without any of them, a fault is for every task. */
const ofService = {
  service: z.string().optional().describe('only tasks of this service'),
  family: z.string().optional().describe('only tasks of this task definition family'),
};
const tasks = {
  ...ofService,
  image: z.string().optional().describe('only tasks of an image whose reference has this text in it'),
  afterMs: milliseconds.default(0).describe('counted from when the task began to run'),
};

/** Every kind of fault with its options and their descriptions, which `cutover local fault` shows. */
export const faultSchema = z.discriminatedUnion('kind', [
  z
    .strictObject({
      kind: z.literal('error'),
      operation,
      code: z.string().min(1).describe("the error's name, e.g. ServerException"),
      message: z.string().default('Asked for by a fault.').describe('what it says'),
      status: z.int().min(400).max(599).optional().describe("its HTTP status; the error's own unless given"),
      ...ofCalls,
    })
    .describe('Answers calls with an AWS error; they have no effect.'),
  z
    .strictObject({ kind: z.literal('accessDenied'), operation, ...ofCalls })
    .describe('Refuses calls as where a permission is missing.'),
  z
    .strictObject({
      kind: z.literal('throttling'),
      operation: operation.default('*'),
      share: z.number().positive().default(1).describe('of the published sizes and rates'),
    })
    .describe("Throttles calls with AWS's token buckets."),
  z
    .strictObject({
      kind: z.literal('latency'),
      operation,
      latencyMs: milliseconds.describe('how late'),
      jitterMs: milliseconds.default(0).describe('up to so much more'),
      ...ofCalls,
    })
    .describe('Answers calls late.'),
  z
    .strictObject({
      kind: z.literal('noAnswer'),
      operation,
      effect: z.boolean().default(true).describe('whether the call takes effect'),
      how: z.enum(['hang', 'reset']).default('hang').describe('what the caller sees'),
      ...ofCalls,
    })
    .describe("Doesn't answer calls, or cuts their connections, after they took effect or without an effect."),
  z
    .strictObject({
      kind: z.literal('staleReads'),
      operation: operation.default('*'),
      staleMs: milliseconds.describe('how old what they see is, at most back to when the fault was set'),
      ...often,
    })
    .describe('Answers reads from an older state: eventual consistency.'),
  z
    .strictObject({
      kind: z.literal('lateMetrics'),
      lateMs: milliseconds.describe('how long after a minute has begun its counts arrive, in real time'),
    })
    .describe('Lets the counts of the load balancer arrive late in CloudWatch.'),
  z
    .strictObject({
      kind: z.literal('propagation'),
      batchSeconds: z.number().min(0).describe('how long changes are gathered, in scaled seconds'),
      jitterSeconds: z.number().min(0).describe('how far the nodes are apart, in scaled seconds'),
    })
    .describe("Makes rule changes take longer to reach the load balancer's nodes."),
  z
    .strictObject({ kind: z.literal('taskCrash'), ...tasks, ...often })
    .describe('Kills the processes of tasks that start from now on.'),
  z
    .strictObject({ kind: z.literal('taskHang'), ...tasks, ...often })
    .describe('Makes tasks stop answering, and not hear SIGTERM, until the fault is taken back.'),
  z
    .strictObject({ kind: z.literal('slowStart'), ...tasks, ...often })
    .describe('Makes the processes of tasks begin later.'),
  z
    .strictObject({
      kind: z.literal('taskDelays'),
      provisioningMs: milliseconds.optional().describe('how long a task is PROVISIONING, scaled'),
      pendingMs: milliseconds.optional().describe('how long it is PENDING before its containers start, scaled'),
      deprovisioningMs: milliseconds.optional().describe('how long it is DEPROVISIONING, scaled'),
    })
    .describe('Sets how long AWS takes for the states of a task that are nothing here.'),
  z
    .strictObject({ kind: z.literal('noImage'), ...tasks, ...often })
    .describe('Lets the images of tasks not be pulled.'),
  z
    .strictObject({ kind: z.literal('failedStart'), ...ofService, ...often })
    .describe('Lets tasks with a network of their own fail to start, as where no network interface can be had.'),
  z
    .strictObject({
      kind: z.literal('flappingHealth'),
      targetGroup: z.string().describe("the group's name"),
      periodMs: z.number().min(10).describe('how long the targets are unhealthy, and healthy again'),
    })
    .describe("Turns the health that is reported of a group's targets over, again and again."),
  z
    .strictObject({
      kind: z.literal('capacity'),
      tasks: z.int().min(0).describe('how many tasks fit in a cluster'),
      zone: z.string().optional().describe('only in this Availability Zone, e.g. us-east-1b'),
    })
    .describe('Leaves clusters, or a zone of theirs, room for so many tasks.'),
  z
    .strictObject({ kind: z.literal('addressGone'), address })
    .describe("Takes a node's address out of the load balancers' names; it goes on serving for a while."),
  z
    .strictObject({ kind: z.literal('addressComes'), address })
    .describe('Gives load balancers one more node, until the fault is taken back.'),
  z
    .strictObject({
      kind: z.literal('loadBalancerRestart'),
      how: z.enum(['crash', 'end']).default('crash').describe('killed, or ended in good order'),
    })
    .describe("Restarts the load balancer's process, once, now."),
]);

export type Fault = z.infer<typeof faultSchema>;

/** A fault as it is sent, where options with a default may be left out. */
export type FaultRequest = z.input<typeof faultSchema>;

/** @throws {Error} of one sentence for what isn't a fault */
export function parseFault(json: string): Fault {
  const result = faultSchema.safeParse(JSON.parse(json));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Error(`The fault isn't valid: ${issue?.path.join('.') || 'kind'}: ${issue?.message}.`);
}
