/**
 * How a runbook behaves: what a zone sets as default, an application overrides, and the input of one deployment overrides
 * again. The same schema reads all three, so a field means the same wherever it's written.
 */
import { z } from 'zod';
import { durationBetween } from './durations';

/** The two ways to deploy, by their workflow types. */
export const strategies = ['blueGreen', 'rollingUpdate'] as const;
export type Strategy = (typeof strategies)[number];

const trafficStep = z.strictObject({
  /** Green's share, a whole number from 1 to 100. */
  percent: z.int().min(1).max(100),
  /** How long to stay at this share before the next one. */
  bake: durationBetween('0s', '48h').optional(),
});

/** Green's growing share; the last step must be 100 %, and each more than the one before. */
const shiftSteps = z
  .array(trafficStep)
  .min(1)
  .max(20)
  .refine((steps) => steps.at(-1)?.percent === 100, { error: 'the last step must be 100 percent' })
  .refine((steps) => steps.every((step, index) => index === 0 || step.percent > (steps[index - 1]?.percent ?? 0)), {
    error: 'each step must be larger than the one before',
  });

const options = z.strictObject({
  strategy: z.enum(strategies).optional(),
  /** All at once when it's absent. */
  shift: shiftSteps.optional(),
  /** When a person is asked to approve. */
  approval: z.enum(['beforeStart', 'afterVerify', 'none']).optional(),
  /** How many replicas green has while a person is asked: a green container already runs timers and processes. */
  whileWaiting: z.enum(['one', 'full']).optional(),
  /** How long green serves all traffic with blue still at full capacity. */
  bake: durationBetween('0s', '48h').optional(),
  /** How long blue's replicas stay after a deployment has ended; within it an undo starts none, and is one cut. */
  keepWarm: durationBetween('0s', '7d').optional(),
  /** How long a change of listener rules takes to reach every node of the load balancer. */
  settle: durationBetween('0s', '15m').optional(),
  /** How long the Platform Server must answer that no module is there any more, before a removal believes it. */
  removeAfter: durationBetween('0s', '24h').optional(),
  /** Whether a person is asked before containers go that nobody takes over from: the Platform Server has none of the modules. */
  removal: z.enum(['ask', 'automatic']).optional(),
  /** The bounds of a rolling update, as ECS has them; default the zone's service's. */
  minimumHealthyPercent: z.int().min(0).max(100).optional(),
  maximumPercent: z.int().min(100).max(200).optional(),
  /** Deletes what another tool made for the application and it no longer needs, instead of leaving it at zero. */
  deleteAdopted: z.boolean().optional(),
  onFailure: z.enum(['hold', 'rollback']).optional(),
  approvalTimeout: durationBetween('1s', '7d').optional(),
  holdTimeout: durationBetween('1s', '7d').optional(),
});

/** The schema of all of them; every field may be absent. */
export const runbookOptions = () => options;
/** {@link runbookOptions} once read: in milliseconds where it is a time. */
export type RunbookOptions = z.infer<typeof options>;
/** {@link RunbookOptions} with every default filled in. */
export type ResolvedRunbookOptions = { readonly [Key in keyof RunbookOptions]-?: NonNullable<RunbookOptions[Key]> };

/** The values where neither the deployment, nor its application, nor its zone names one. */
const defaultRunbookOptions: ResolvedRunbookOptions = {
  strategy: 'blueGreen',
  shift: [{ percent: 100 }],
  approval: 'afterVerify',
  whileWaiting: 'full',
  bake: 5 * 60_000,
  keepWarm: 0,
  settle: 60_000,
  removeAfter: 10 * 60_000,
  removal: 'ask',
  minimumHealthyPercent: 100,
  maximumPercent: 200,
  deleteAdopted: false,
  onFailure: 'hold',
  approvalTimeout: 24 * 3_600_000,
  holdTimeout: 24 * 3_600_000,
};

/** The first of the given options that names a field wins; defaults fill the rest. Fields that are no options are left out. */
export function resolveRunbookOptions(...given: readonly RunbookOptions[]): ResolvedRunbookOptions {
  return Object.assign({}, defaultRunbookOptions, ...given.toReversed().map(givenOptions)) as ResolvedRunbookOptions;
}

const givenOptions = (given: RunbookOptions): RunbookOptions =>
  Object.fromEntries(Object.entries(given).filter(([name, value]) => name in options.shape && value !== undefined));
