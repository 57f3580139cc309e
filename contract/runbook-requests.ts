/**
 * What each runbook takes, and how it is read.
 *
 * Every input is one optional JSON value, because the Temporal UI sends exactly one payload, and every field has a default.
 * Reading never throws a plain error, which would leave the workflow in a failing task for ever.
 */
import { z } from 'zod';
import { guid } from '../settings/identifiers';
import { runbookOptions } from '../settings/runbook';
import { isNothing, parseRequest, type Parsed } from './parsing';

/** An application as the platform names it, where the workflow ID and the settings may not know it. */
const platformApplication = z.strictObject({
  name: z.string().min(1).max(100),
  key: guid(),
});
export type PlatformApplication = z.infer<typeof platformApplication>;
export const isPlatformApplication = (given: unknown): given is PlatformApplication =>
  platformApplication.safeParse(given).success;

/** What every runbook takes, and all that an undo, a removal and a configuration update take. */
const requestOfRunbook = z.strictObject({
  /** Set by the platform's hooks: an application that the settings need not know, or that is being renamed. */
  application: platformApplication.optional(),
  /** Set by the platform's hooks, ISO 8601. Until the proof it rolls back then; once it is proven, its bake ends then. */
  deadline: z.iso.datetime().optional(),
  /** Set by the platform's hooks: from when on it no longer rolls back by itself. Default: once blue is being retired. */
  commits: z.enum(['afterBake', 'afterProof']).optional(),
  by: z.string().max(200).optional(),
  reason: z.string().max(1000).optional(),
  ...runbookOptions().shape,
});
export const runbookRequest = () => requestOfRunbook;
/** The input before it is read: durations are texts such as "90s". */
export type RunbookRequestInput = z.input<typeof requestOfRunbook>;
export type RunbookRequest = z.infer<typeof requestOfRunbook>;

/** The input of `blueGreen` and `rollingUpdate`; only the image is needed, `{"image": "orders:1.4.2"}`. */
const requestOfDeployment = z.strictObject({
  /** A reference that ECS can pull; without a registry it is looked up in the zone's. */
  image: z.string({ error: 'expected the image to deploy, such as "orders:1.4.2"' }).trim().min(1).max(512),
  /** Default: the image's `io.cutover.modules` label, else the application's modules in the settings. */
  modules: z.array(z.string()).min(1).max(1000).optional(),
  ...requestOfRunbook.shape,
});
export const deploymentRequest = () => requestOfDeployment;
/** The input before it is read: durations are texts such as "90s". */
export type DeploymentRequestInput = z.input<typeof requestOfDeployment>;
export type DeploymentRequest = z.infer<typeof requestOfDeployment>;

export const parseDeploymentRequest = (input: unknown): Parsed<DeploymentRequest> =>
  parseRequest(requestOfDeployment, input, 'a deployment', '{"image": "orders:1.4.2"}');

/** Nothing, `null`, an empty text or an object; `strategy` is how the release before comes back. */
export const parseUndoRequest = (input: unknown): Parsed<RunbookRequest> =>
  parseRunbookRequest(input, 'an undo', '{"reason": "slow checkout"}');

/** Takes what {@link parseUndoRequest} takes. */
export const parseConfigurationRequest = (input: unknown): Parsed<RunbookRequest> =>
  parseRunbookRequest(input, 'a configuration update', '{"reason": "new address"}');

/** Takes what {@link parseUndoRequest} takes. */
export const parseRemovalRequest = (input: unknown): Parsed<RunbookRequest> =>
  parseRunbookRequest(input, 'a removal', '{"reason": "moved back"}');

const parseRunbookRequest = (input: unknown, what: string, example: string) =>
  parseRequest(requestOfRunbook, isNothing(input) ? {} : input, what, example);

/** The input of `retireWarm`: replicas that were kept warm, as they were then. */
const retirementRequest = z.strictObject({
  service: z.string().min(1),
  /** Its ARN: another one means that a deployment has used the slot since. */
  taskDefinition: z.string().min(1),
  ...requestOfRunbook.shape,
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
