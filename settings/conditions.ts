/**
 * Conditions that every live rule bears beside host and path, and every probe meets: a header that a CDN adds, the addresses of an
 * office. A value that is a secret is named by where it is, and stays named so in every plan, history and log: only the clients of
 * AWS and the probes see it.
 */
import { isIP } from 'node:net';
import { z } from 'zod';

/** A secret by where the worker finds it, as what stands for it; a file's last line break doesn't count. */
export const secretReference = z
  .union(
    [
      z.strictObject({ file: z.string().regex(/^[^{}]{1,1000}$/) }),
      z.strictObject({ env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/) }),
    ],
    { error: 'expected a value, { file: PATH } or { env: NAME }' },
  )
  .transform((given) => ('file' in given ? `\${file:${given.file}}` : `\${env:${given.env}}`));

/** An address, or what stands for one that is a secret in itself. */
export const addressOrReference = z.union(
  [
    z.url({ protocol: /^https?$/, hostname: /^.+$/, error: 'expected an address such as https://example.com' }),
    secretReference,
  ],
  { error: 'expected an address, { file: PATH } or { env: NAME }' },
);

/**
 * A header's value, or what stands for it.
 * @param least characters of a value that is written plainly
 * @param most 128 is what a listener rule takes
 */
export const headerValue = (least: number, most = 128) => {
  const length = least > 1 ? `${least} to ${most}` : `at most ${most}`;
  const error = `expected a value of ${length} characters, { file: PATH } or { env: NAME }`;
  const plain = z
    .string()
    .min(least, { error })
    .regex(/^(?!\$\{)[^\r\n]+$/, { error })
    .max(most, { error });
  return z.union([plain, secretReference], { error });
};

const isRange = (text: string) => {
  const [address = '', prefix = ''] = text.split('/');
  return isIP(address) > 0 && /^\d{1,3}$/.test(prefix) && Number(prefix) <= (isIP(address) === 4 ? 32 : 128);
};

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html */
export const conditions = z
  .array(
    z.union(
      [
        z.strictObject({
          header: z.string().regex(/^(?!host$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,40}$/i),
          /** Any of them will do; probes send the first. */
          values: z.array(headerValue(1)).min(1).max(3),
        }),
        z.strictObject({
          /** The worker's own address must be among them. */
          sourceIp: z
            .array(z.string().refine(isRange, { error: 'expected a range such as 203.0.113.0/24' }))
            .min(1)
            .max(4),
        }),
      ],
      { error: 'expected { header: NAME, values: [VALUE] } or { sourceIp: [RANGE] }' },
    ),
  )
  .max(4)
  .default([]);

export type ConditionSettings = z.infer<typeof conditions>[number];

/** Where a secret is; `undefined` for a value that is none. */
export function referenceIn(text: string): { readonly kind: 'file' | 'env'; readonly name: string } | undefined {
  const [, kind, name] = /^\$\{(file|env):([^{}]+)\}$/.exec(text) ?? [];
  return kind === undefined || name === undefined ? undefined : { kind: kind as 'file' | 'env', name };
}
