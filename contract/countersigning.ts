/** A broken glass that is to be countersigned: the input of `countersign`, and how it is answered. */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { z } from 'zod';
import { guid } from '../settings/identifiers';
import { parseRequest, type Parsed } from './parsing';

const demand = z.strictObject({
  minimum: z.int().min(0).max(20),
  approvers: z.array(z.string()),
  starter: z.string().nullable(),
  plan: z.string(),
  image: z.string().nullable(),
  says: z.array(z.string()),
  timed: z.boolean(),
});

const openGlass = z.strictObject({
  /** The deployment: its workflow ID and its run. */
  workflow: z.string().min(1).max(200),
  run: z.string().min(1).max(100),
  demand,
  application: z.strictObject({ name: z.string().min(1).max(100), key: guid() }),
  breaker: z.string().min(1),
  reason: z.string(),
  /** ISO 8601. */
  at: z.string(),
  /** Whether the settings named an audit. */
  audited: z.boolean().optional(),
});
export type OpenGlass = z.infer<typeof openGlass>;

export const parseCountersigning = (input: unknown): Parsed<OpenGlass> =>
  parseRequest(openGlass, input, 'a broken glass', '{"workflow": "<zone>/<application>", "run": "…", …}');

/** Takes a signed approval, `{"signed": {"statement": "…", "signature": "…"}}`. */
export const countersignSignal = defineSignal<[unknown?]>('countersign');
export const countersignUpdate = defineUpdate<string, [unknown?]>('countersign');
/** What is to be countersigned. */
export const glassQuery = defineQuery<OpenGlass>('glass');
