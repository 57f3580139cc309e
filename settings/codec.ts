/** `temporal.codec` of the settings: the keys that hide inputs and results from whoever reads Temporal. No key is in the file itself. */
import { z } from 'zod';

const key = z
  .strictObject({
    /** Stands beside each value, so that a reader knows which key it needs. */
    id: z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/, { error: 'expected letters, digits, "_", "." and "-"' }),
    /** A file with the key: 32 bytes in base64. */
    file: z.string().min(1).optional(),
    /** The name of an environment variable with it. */
    environment: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable' })
      .optional(),
  })
  .refine(({ file, environment }) => (file === undefined) !== (environment === undefined), {
    error: 'expected "file" or "environment", one of the two',
  });

export const codec = z.strictObject({
  /** The first one writes, all of them read. */
  keys: z
    .array(key)
    .min(1)
    .max(20)
    .refine((keys) => new Set(keys.map(({ id }) => id)).size === keys.length, { error: 'expected no ID twice' }),
  /** `false` reads with the keys and writes plain: while not every process has them yet, and before they go. */
  encrypts: z.boolean().default(true),
});
export type CodecSettings = z.infer<typeof codec>;
