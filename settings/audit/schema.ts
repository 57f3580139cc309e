/** `audit:` of the settings: where every start, command, approval, cut, rollback and removal is written down for good. */
import { isAbsolute } from 'node:path';
import { z } from 'zod';
import { iamRole } from '../identifiers';

const region = z.string().regex(/^[a-z]{2}(-[a-z]+)+-\d$/, { error: 'expected a region such as eu-west-1' });

/** A zone's lines are in a file, a log stream or objects of their own. */
export const audit = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('file'),
    /** As the workers see it, and the same for all of them: `<zone>.jsonl` in it. */
    folder: z.string().refine(isAbsolute, { error: 'expected an absolute path as the workers see it' }),
  }),
  z.strictObject({
    kind: z.literal('s3'),
    bucket: z.string().regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, { error: 'expected the name of a bucket' }),
    /** Before `<zone>/…` in the objects' keys. */
    prefix: z
      .string()
      .regex(/^([A-Za-z0-9_.-]+\/)*$/, { error: 'expected a prefix such as cutover/' })
      .default('cutover/'),
    region,
    role: iamRole().optional(),
  }),
  z.strictObject({
    kind: z.literal('logs'),
    /** A log group of CloudWatch Logs that exists; a stream for each zone is made in it. */
    group: z.string().regex(/^[\w./#-]{1,512}$/, { error: 'expected the name of a log group' }),
    region,
    role: iamRole().optional(),
  }),
]);

export type AuditSettings = z.infer<typeof audit>;
