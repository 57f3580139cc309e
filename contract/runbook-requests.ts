/**
 * What crosses between a runbook and everyone else: requests, signals, updates, queries and results.
 *
 * Every message takes one optional JSON value, because the Temporal UI sends exactly one payload, and every field has a
 * default. Reading a message never throws a plain error: that would leave the workflow in a failing task for ever.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { z } from 'zod';
import type { Live } from '../planning/observed/blue';
import type { DeploymentStatus } from './status';
import { guid } from '../settings/identifiers';
import { runbookOptions } from '../settings/runbook';

/** In the order of a blue-green deployment; `rollBack` and `hold` can follow any. */
export const phases = [
  'plan',
  'prepare',
  'start',
  'verify',
  'approve',
  'shift',
  'settle',
  'bake',
  'retire',
  'cleanUp',
  'rollBack',
  'hold',
] as const;
export type Phase = (typeof phases)[number];

export type Outcome = 'completed' | 'rolledBack' | 'failed' | 'terminated';
/** The runbooks, by their workflow types. */
export type Strategy =
  'blueGreen' | 'rollingUpdate' | 'updateConfiguration' | 'undo' | 'removeApplication' | 'retireWarm';

/** What writes shows a sign of life in this time, or another worker does its work; see `activities/leases.ts`. */
export const writeLeaseMs = 4_000;

/** The workflow ID of a deployment; Temporal allows one run of it at a time, and so it is the application's lock. */
export const deploymentIdOf = ({
  zone,
  application,
}: {
  readonly zone: string;
  readonly application: string;
}): string => `${zone}/${application}`;

/** What {@link deploymentIdOf} made it of; an application's name may have a slash, a zone's has none. */
export function parseDeploymentId(workflowId: string): { readonly zone: string; readonly application: string } {
  const [zone = '', ...application] = workflowId.split('/');
  return { zone, application: application.join('/') };
}

/** After so long a worker that died within a workflow task is given up; Temporal's default is 10 s, and a task takes milliseconds. */
export const workflowTaskTimeout = '5s';

export const taskQueues = { workflows: 'cutover', aws: 'cutover-aws', files: 'cutover-files' } as const;

export const searchAttributes = {
  zone: defineSearchAttributeKey('CutoverZone', SearchAttributeType.KEYWORD),
  application: defineSearchAttributeKey('CutoverApplication', SearchAttributeType.KEYWORD),
  phase: defineSearchAttributeKey('CutoverPhase', SearchAttributeType.KEYWORD),
  outcome: defineSearchAttributeKey('CutoverOutcome', SearchAttributeType.KEYWORD),
} as const;

/** An application as the platform calls it, where the workflow ID and the settings don't tell. */
const platformApplication = z.strictObject({
  name: z.string().min(1).max(100),
  key: guid,
});
export type PlatformApplication = z.infer<typeof platformApplication>;

/** What every runbook's input may say beside what is its own. */
const runbookRequest = {
  /** Set by the platform's hooks: an application that the settings need not know, or that is being renamed. */
  application: platformApplication.optional(),
  /** Set by the platform's hooks: before the proof it rolls back then, after it the bake ends then. ISO 8601. */
  deadline: z.iso.datetime().optional(),
  /** Set by the platform's hooks: from when on it no more rolls back by itself. Default: once blue is being retired. */
  commits: z.enum(['afterBake', 'afterProof']).optional(),
  by: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  ...runbookOptions.shape,
};

/** The input of `blueGreen` and `rollingUpdate`; only the image is needed, `{"image": "orders:1.4.2"}`. */
export const deploymentRequest = z.strictObject({
  /** A reference that ECS can pull; without a registry it is looked up in the zone's. */
  image: z.string({ error: 'expected the image to deploy, such as "orders:1.4.2"' }).trim().min(1).max(512),
  /** Default: the image's `io.cutover.modules` label, else the application's modules in the settings. */
  modules: z.array(z.string()).min(1).max(1000).optional(),
  ...runbookRequest,
});
/** As it is typed: durations are texts such as "90s". */
export type DeploymentRequestInput = z.input<typeof deploymentRequest>;
export type DeploymentRequest = z.infer<typeof deploymentRequest>;

export type Parsed<T> = { readonly value: T } | { readonly error: string };

/** The input of `undo`: nothing, or how. `strategy` is how the release before comes back. */
export const undoRequest = z.strictObject(runbookRequest);
export type UndoRequestInput = z.input<typeof undoRequest>;
export type UndoRequest = z.infer<typeof undoRequest>;

/** The input of `updateConfiguration`: nothing, or how. */
export const parseConfigurationRequest = (input: unknown): Parsed<UndoRequest> =>
  parseRequest(undoRequest, isNothing(input) ? {} : input, 'a configuration update', '{"reason": "new address"}');

/** The input of `removeApplication`: nothing, or how. */
export type RemovalRequest = UndoRequest;

/** What the inputs of all runbooks have in common. */
export type RunbookRequest = UndoRequest & { readonly image?: string | undefined };

export const parseDeploymentRequest = (input: unknown): Parsed<DeploymentRequest> =>
  parseRequest(deploymentRequest, input, 'a deployment', '{"image": "orders:1.4.2"}');

/** The input of `retireWarm`: replicas that were kept, as they were then. */
const retirementRequest = z.strictObject({
  service: z.string().min(1),
  /** Its ARN: another one means that a deployment has used the slot since. */
  taskDefinition: z.string().min(1),
  ...runbookRequest,
});
export type RetirementRequest = z.infer<typeof retirementRequest>;

export const parseRetirementRequest = (input: unknown): Parsed<RetirementRequest> =>
  parseRequest(retirementRequest, input, 'a retirement', '{"service": "…", "taskDefinition": "…"}');

/** The input of `keepWarm`, the timer that waits beside a deployment. */
const keepWarmRequest = z.strictObject({
  /** The application's lock: the workflow ID of its deployments. */
  lock: z.string().min(1).max(1000),
  keepMs: z
    .number()
    .min(0)
    .max(7 * 24 * 3_600_000),
  /** Replicas that stay, as they are now. */
  kept: z.strictObject({ service: z.string().min(1), taskDefinition: z.string().min(1) }),
});
export type KeepWarmRequest = z.infer<typeof keepWarmRequest>;

export const parseKeepWarmRequest = (input: unknown): Parsed<KeepWarmRequest> =>
  parseRequest(
    keepWarmRequest,
    input,
    'something to keep warm',
    '{"lock": "<zone>/<application>", "keepMs": 60000, "kept": {"service": "…", "taskDefinition": "…"}}',
  );

/** Nothing, `null`, an empty text or an object; never throws. */
export const parseUndoRequest = (input: unknown): Parsed<UndoRequest> =>
  parseRequest(undoRequest, isNothing(input) ? {} : input, 'an undo', '{"reason": "slow checkout"}');

/** As {@link parseUndoRequest}. */
export const parseRemovalRequest = (input: unknown): Parsed<RemovalRequest> =>
  parseRequest(undoRequest, isNothing(input) ? {} : input, 'a removal', '{"reason": "moved back"}');

const isNothing = (input: unknown) => input === undefined || input === null || input === '';

/** One sentence about the first things that are wrong; never throws. */
export function parseRequest<T>(schema: z.ZodType<T>, input: unknown, what: string, example: string): Parsed<T> {
  const result = schema.safeParse(input);
  if (result.success) return { value: result.data };
  const problems = result.error.issues.slice(0, 3).map(({ path, message }) => {
    const where = path.length > 0 ? `${path.map(String).join('.')}: ` : '';
    return `${where}${message.replace(/^Invalid input: /, '')}`;
  });
  return { error: `The input is not ${what}: ${problems.join('; ')}. It looks like ${example}.` };
}

export const commandNames = ['approve', 'reject', 'pause', 'resume', 'retry', 'rollback', 'promote'] as const;
export type CommandName = (typeof commandNames)[number];

/** What a person may say with a command. */
export interface CommandInput {
  readonly by?: string;
  readonly reason?: string;
  /** `approve` only: the image that is approved; another one is refused. */
  readonly image?: string;
}

const commandInput = z.strictObject({
  by: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  image: z.string().max(512).optional(),
});

/** Nothing, `null`, an empty text, a text (the reason) or an object; never throws. */
export function parseCommandInput(input: unknown): Parsed<CommandInput> {
  if (isNothing(input)) return { value: {} };
  if (typeof input === 'string') return { value: { reason: input.slice(0, 1000) } };
  const result = commandInput.safeParse(input);
  if (!result.success) return { error: 'expected nothing, a reason, or {"by": "…", "reason": "…"}' };
  return { value: Object.fromEntries(Object.entries(result.data).filter(([, value]) => value !== undefined)) };
}

export const commandSignals = Object.fromEntries(
  commandNames.map((name) => [name, defineSignal<[unknown?]>(name)]),
) as Record<CommandName, ReturnType<typeof defineSignal<[unknown?]>>>;

export const commandUpdates = Object.fromEntries(
  commandNames.map((name) => [name, defineUpdate<string, [unknown?]>(name)]),
) as Record<CommandName, ReturnType<typeof defineUpdate<string, [unknown?]>>>;

export const statusQuery = defineQuery<DeploymentStatus, [unknown?]>('status');

/** What these bring along. */
export type * from './status';
export type { Live };
