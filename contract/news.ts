/** News on its way from runs to people: the workflow of each zone that sends it. */
import { z } from 'zod';
import { auditEntry } from './audit';
import { parseRequest, type Parsed } from './parsing';

const input = z.strictObject({
  zone: z.string().regex(/^[A-Za-z0-9_.-]{1,50}$/),
  /** What it begins with. */
  entries: z.array(auditEntry()).default([]),
  /** What waits for each channel, by its name, from before a new beginning. */
  waiting: z.record(z.string(), z.array(auditEntry())).default({}),
  /** The highest number of each run that came. */
  seen: z.array(z.tuple([z.string(), z.number()])).default([]),
});
export type ZoneNewsInput = z.infer<typeof input>;

export const parseZoneNews = (given: unknown): Parsed<ZoneNewsInput> =>
  parseRequest(input, given, 'the news of a zone', '{"zone": "production"}');

export const newsIdOf = (zone: string): string => `news/${zone}`;
