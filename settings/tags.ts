/** Tags that an organisation wants on everything that is made. https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html */
import { z } from 'zod';

/** Target groups and rules take 50; cutover's own need room. */
const most = 40;

export const tags = z
  .record(
    z.string().regex(/^(?!aws:|cutover:)[\p{L}\p{N} _.:/=+@-]{1,128}$/iu, {
      error:
        'expected a tag’s key of at most 128 letters, digits, spaces or _.:/=+@-, and neither aws: nor cutover: before it',
    }),
    z.string().regex(/^[\p{L}\p{N} _.:/=+@-]{0,256}$/u, {
      error: 'expected a tag’s value of at most 256 letters, digits, spaces or _.:/=+@-',
    }),
  )
  .refine((given) => Object.keys(given).length <= most, { error: `expected at most ${most} tags` })
  .default({});
