/**
 * What crosses a process about staging: a deployment of LifeTime's from one environment to another, joined with the calls of the
 * platform that it causes. LifeTime runs one deployment into an environment at a time, and so does Temporal: one run of an ID.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import type { Choice } from '../planning/staging/choose';
import { platformName, type HookMethod } from './hook-calls';
import { parseRequest, type Parsed } from './parsing';

/** LifeTime's own states of a deployment. */
export const lifeTimeStates = [
  'saved',
  'running',
  'needs_user_intervention',
  'aborting',
  'aborted',
  'finished_successful',
  'finished_with_warnings',
  'finished_with_errors',
] as const;
export type LifeTimeState = (typeof lifeTimeStates)[number];

const key = () => z.string().regex(/^[\w-]{1,100}$/);

const stageRequest = z
  .strictObject({
    /** By their names in LifeTime. */
    applications: z.array(platformName()).min(1).max(100),
    /** The environments, by their names in LifeTime. */
    from: platformName(),
    to: platformName(),
    by: z.string().max(200).optional(),
    reason: z.string().max(1_000).optional(),
    /** Whether LifeTime also redeploys what uses them and is outdated by them. Default: no. */
    redeployOutdated: z.boolean().optional(),
    /** The names by which a run that begins anew goes on; nobody else gives any. */
    goesOn: z
      .strictObject({
        deployment: key(),
        applications: z
          .array(z.strictObject({ name: z.string().max(200), key: key(), operation: z.string().max(200).nullable() }))
          .max(500),
        since: z.iso.datetime(),
        until: z.iso.datetime(),
        patienceMs: z.int().min(0).max(86_400_000),
        zone: z.string().max(50).nullable(),
        notes: z.array(z.string().max(500)).max(200),
      })
      .optional(),
  })
  .refine(({ from, to }) => from.toLowerCase() !== to.toLowerCase(), {
    error: 'expected another environment than the one that it comes from',
    path: ['to'],
  });
export type StageRequest = z.infer<typeof stageRequest>;

/** One sentence about the first things that are wrong; never throws. */
export const parseStageRequest = (input: unknown): Parsed<StageRequest> =>
  parseRequest(
    stageRequest,
    input,
    'a staging',
    '{"applications": ["Orders"], "from": "Development", "to": "Production"}',
  );

/** The workflow ID. Names compare without case; a zone's name has no colon. */
export const stageIdOf = (environment: string): string => `stage:${environment.toLowerCase()}`;

export const stageCommands = ['approve', 'abort'] as const;
export type StageCommand = (typeof stageCommands)[number];

/** `approve` is a deployment's as well. */
export const abortUpdate = defineUpdate<string, [unknown?]>('abort');
export const abortSignal = defineSignal<[unknown?]>('abort');

export interface StagedApplication {
  readonly name: string;
  readonly key: string;
  /** What LifeTime does with it in its own words, e.g. `Deploy 1.5`. */
  readonly operation: string | null;
}

/** A call of the platform that the deployment caused, and the deployment that it began. */
export interface JoinedOperation {
  readonly workflowId: string;
  readonly method: HookMethod;
  readonly applicationKey: string;
  /** ISO 8601. */
  readonly startedAt: string;
  /** What it does now; `null` once it is over, or while no worker answers for it. */
  readonly doing: string | null;
  readonly isOver: boolean;
  readonly answered: 'success' | 'error' | null;
  readonly error: string | null;
  /** `null` where it began none, or another one runs under that ID since. */
  readonly deployment: JoinedDeployment | null;
}

export interface JoinedDeployment {
  readonly workflowId: string;
  readonly isOver: boolean;
  readonly phase: string | null;
  readonly outcome: string | null;
  /** What is wanted of people, a sentence. */
  readonly waitingFor: string | null;
  /** ISO 8601. */
  readonly deadline: string | null;
}

/** What a look at LifeTime and Temporal found. */
export interface StagingLook {
  /** `null` while LifeTime doesn't say. */
  readonly state: LifeTimeState | null;
  /** What kind of intervention it needs, in LifeTime's word; else empty. */
  readonly info: string;
  /** How many messages its log has, and the last one. */
  readonly messages: number;
  readonly lastMessage: string | null;
  /** Why LifeTime doesn't answer. */
  readonly away: string | null;
  readonly operations: readonly JoinedOperation[];
}

export type StagingOutcome = 'completed' | 'failed' | 'aborted' | 'unfollowed';

/** Everything a person needs to know about a staging, in any state; its result as well. */
export interface StagingStatus extends StagingLook {
  readonly workflowId: string;
  readonly from: string;
  readonly to: string;
  /** What it does now, a sentence. */
  readonly doing: string;
  readonly applications: readonly StagedApplication[];
  /** LifeTime's key of its deployment; `null` before there is one. */
  readonly deployment: string | null;
  /** One sentence on what LifeTime wants of people; `null` when nothing. */
  readonly waitingFor: string | null;
  readonly commands: readonly StageCommand[];
  readonly outcome: StagingOutcome | null;
  readonly failure: string | null;
  /** What people should know, a sentence each. */
  readonly notes: readonly string[];
}
export const stagingQuery = defineQuery<StagingStatus, [unknown?]>('status');

/** What LifeTime is asked to stage: made once. */
export interface StagingPlan extends Choice {
  readonly sourceKey: string;
  readonly targetKey: string;
  /** The zone whose calls are joined; `null` for any. */
  readonly zone: string | null;
  readonly patienceMs: number;
  readonly followMs: number;
}
