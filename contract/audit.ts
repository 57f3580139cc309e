/** An audit trail on its way from a run to where it is kept: entries, and the workflow of each zone that hands them on. */
import { defineQuery, defineSignal } from '@temporalio/workflow';
import { z } from 'zod';
import type { Head } from '../settings/audit/chain';
import { parseRequest, type Parsed } from './parsing';

/** What is written down. */
const events = [
  'start',
  'command',
  'approval',
  'cut',
  'served',
  'rollback',
  'removal',
  'end',
  'countersignature',
  // Only for people: the trail has what they answer.
  'waits',
  'hold',
  'sick',
] as const;
export type AuditEvent = (typeof events)[number];

const fact = z.union([z.string(), z.number(), z.boolean(), z.null()]);

/** What an entry holds: a schema for the messages that carry some. */
export const auditEntry = () => entry;

const entry = z.strictObject({
  event: z.enum(events),
  /** When it happened, ISO 8601. */
  at: z.string().max(40),
  application: z.string().max(200),
  workflow: z.string().max(300),
  run: z.string().max(100),
  /** From 1 in each run: none counts twice. */
  number: z.int().min(1),
  /** What is to be known of it: who, why, which image, which plan. */
  facts: z.record(z.string().max(50), fact),
});
export type AuditEntry = z.infer<typeof entry>;

const head = z.strictObject({ sequence: z.int().min(0), hash: z.string() });

const trail = z.strictObject({
  zone: z.string().regex(/^[A-Za-z0-9_.-]{1,50}$/),
  /** What was written last; `null` where the trail has to be looked at. */
  head: head.nullable().default(null),
  /** What came and isn't written yet, from before a new beginning. */
  carried: z.array(entry).default([]),
  /** What it begins with. */
  entries: z.array(entry).default([]),
  /** The highest number of each run that came. */
  seen: z.array(z.tuple([z.string(), z.number()])).default([]),
});
export type TrailInput = z.infer<typeof trail>;

export const parseTrail = (input: unknown): Parsed<TrailInput> =>
  parseRequest(trail, input, 'an audit trail', '{"zone": "production"}');

/** Reads what a run hands over; `undefined` for anything else. */
export const parseEntries = (input: unknown): AuditEntry[] | undefined =>
  z.array(entry).max(1_000).safeParse(input).data;

export const trailIdOf = (zone: string): string => `audit/${zone}`;

export const entriesSignal = defineSignal<[unknown?]>('entries');

export interface TrailStatus {
  readonly head: Head | null;
  /** How many entries wait to be written. */
  readonly waiting: number;
}
export const trailQuery = defineQuery<TrailStatus>('trail');
