/**
 * What crosses a process about turns. One workflow a zone, `turns`, knows which calls of the platform deploy there and which wait:
 * a call enters by an update, is told by a signal, and says by signals what becomes of its turn.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { isNothing, parseRequest, type Parsed } from './parsing';

/** Has no slash; every deployment's, call's and timer's workflow ID has one. */
export const turnsIdOf = (zone: string): string => `turns:${zone}`;

const name = z.string().min(1).max(1000);
const dateAndTime = z.iso.datetime();

/** A call of the platform, and what it wants its turn for. */
const entrant = z.strictObject({
  /** Of the call. */
  workflowId: name,
  runId: name,
  /** When the call started, ISO 8601: the oldest comes first. */
  startedAt: dateAndTime,
  /** The workflow ID of the deployment that it wants to start. */
  lock: name,
  /** How many applications of the zone may be deployed at once. */
  atOnce: z.int().min(1).max(10_000),
  /** By when it must have its turn, ISO 8601; `null` to wait as long as it takes. */
  until: dateAndTime.nullable(),
});
export type Entrant = z.infer<typeof entrant>;

/** The input of `enter`, with what was seen just before: the run of that deployment that goes on, if one does. */
const entering = z.strictObject({ ...entrant.shape, deployment: name.nullable() });
export type Entering = z.infer<typeof entering>;

/** A deployment that calls wait for. */
const deployment = z.strictObject({ lock: name, runId: name });
export type RunningDeployment = z.infer<typeof deployment>;

/** The input of `turns`; `{}`, or nothing, for an empty queue. */
const turnsRequest = z.strictObject({
  entries: z
    .array(z.strictObject({ ...entrant.shape, hasTurn: z.boolean() }))
    .max(10_000)
    .default([]),
  /** Those that calls wait for, or that have a call's turn. */
  deployments: z.array(deployment).max(10_000).default([]),
});
export type TurnsRequest = z.infer<typeof turnsRequest>;
export type Entry = TurnsRequest['entries'][number];

export const parseTurnsRequest = (input: unknown): Parsed<TurnsRequest> =>
  parseRequest(turnsRequest, isNothing(input) ? {} : input, 'a queue of calls', '{}');

/** How it stands, once nothing is left to wait for. */
export type TurnTaken =
  | { readonly turn: 'taken' }
  /** A newer call for the application is there. */
  | { readonly turn: 'superseded'; readonly by: string }
  /** The time is up; why it had to wait, a sentence. */
  | { readonly turn: 'late'; readonly why: string };

/** `position`: how many come before it, and itself. */
export type TurnAnswer = TurnTaken | { readonly turn: 'waits'; readonly why: string; readonly position: number };

/** Asks for a turn, or how the call stands; asked again, it is the same place. */
export const enterUpdate = defineUpdate<TurnAnswer, [unknown?]>('enter');
export const parseEntering = (input: unknown): Parsed<Entering> =>
  parseRequest(
    entering,
    input,
    'a call that wants its turn',
    '{"workflowId": "hook/…", "lock": "<zone>/<application>", …}',
  );

/** What a call that has its turn says: that its deployment runs now. */
export const startedSignal = defineSignal<[unknown?]>('started');
/** What a call says that no longer needs a turn. */
export const leaveSignal = defineSignal<[unknown?]>('leave');
/** What a deployment says at its end to those who asked it to. */
export const overSignal = defineSignal<[unknown?]>('over');
/** Asks a deployment to say so: `{ by }`, the workflow ID that wants to hear {@link overSignal}. */
export const awaitedSignal = defineSignal<[unknown?]>('awaited');
/** Tells a call, which waits, that it has its turn or never will. */
export const turnSignal = defineSignal<[unknown?]>('turn');

const started = z.object({ workflowId: name, ...deployment.shape });
const leaving = z.object({ workflowId: name, runId: name, over: z.boolean() });
const told = z.discriminatedUnion('turn', [
  z.object({ turn: z.literal('taken') }),
  z.object({ turn: z.literal('superseded'), by: z.string().max(500) }),
]);
const ended = z.object(deployment.shape);
const awaited = z.object({ by: name });

/** The call, and its deployment. A later version may say more, here and below. */
export const parseStarted = (input: unknown): Parsed<z.infer<typeof started>> =>
  parseRequest(started, input, 'a deployment that started', '{"workflowId": "hook/…", "lock": "…", "runId": "…"}');
/** `over`: the deployment that it started has ended. */
export const parseLeaving = (input: unknown): Parsed<z.infer<typeof leaving>> =>
  parseRequest(leaving, input, 'a call that leaves', '{"workflowId": "hook/…", "runId": "…", "over": true}');
export const parseOver = (input: unknown): Parsed<RunningDeployment> =>
  parseRequest(ended, input, 'a deployment that ended', '{"lock": "…", "runId": "…"}');
export const parseTold = (input: unknown): Parsed<TurnTaken> =>
  parseRequest(told, input, 'a turn', '{"turn": "taken"}');
export const parseAwaited = (input: unknown): Parsed<z.infer<typeof awaited>> =>
  parseRequest(awaited, input, 'somebody who waits', '{"by": "turns:…"}');

/** Whose turn it is, for people. */
export interface TurnsStatus {
  readonly working: readonly string[];
  /** Each with what it waits for, in the order in which they come. */
  readonly waiting: readonly { readonly call: string; readonly why: string }[];
}
export const turnsStatusQuery = defineQuery<TurnsStatus, [unknown?]>('status');

/** A run of a workflow, as the worker is asked about it. */
export interface WorkflowRun {
  readonly workflowId: string;
  readonly runId: string;
}
