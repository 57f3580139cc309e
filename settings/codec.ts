/**
 * `temporal.codec` of the settings: the keys that hide inputs and results from whoever reads Temporal. In the file itself a key is
 * only where KMS encrypted it.
 */
import { z } from 'zod';

const keyId = z.string().regex(/^[A-Za-z0-9_.-]{1,60}$/, { error: 'expected letters, digits, "_", "." and "-"' });

/** An alias could lead to another key one day. */
const kmsKey = z.string().regex(/^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]{1,80}$/, {
  error: "expected a KMS key's ARN, arn:…:kms:…:key/…, and no alias's",
});

/** What a new data key is made for. */
export const newDataKey = z.strictObject({ id: keyId, kms: kmsKey });

const key = z
  .strictObject({
    /** Stands beside each value, so that a reader knows which key it needs. */
    id: keyId,
    /** The ARN of the KMS key that encrypted this one, as `cutover codec key` has it done; without it the key itself is given. */
    kms: kmsKey.optional(),
    /** The encrypted key itself, in base64. */
    encrypted: z.base64().min(1).max(9_000).optional(),
    /** A file with the key: 32 bytes in base64, or encrypted. */
    file: z.string().min(1).optional(),
    /** The name of an environment variable with it. */
    environment: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected the name of an environment variable' })
      .optional(),
  })
  .refine((key) => [key.file, key.environment, key.encrypted].filter((source) => source !== undefined).length === 1, {
    error: 'expected "file", "environment" or "encrypted", one of the three',
  })
  .refine(({ kms, encrypted }) => encrypted === undefined || kms !== undefined, {
    error: 'expected "kms" beside "encrypted": the ARN of the KMS key that encrypted it',
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
