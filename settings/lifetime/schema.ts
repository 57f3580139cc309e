/** `lifetime:` of the settings: where LifeTime is, with which token it is asked, and what its environments are to the zones. */
import { z } from 'zod';
import { secretReference } from '../conditions';
import { durationBetween } from '../durations';
import { guid } from '../identifiers';

const isLoopback = (url: string) => /^http:\/\/(127\.0\.0\.1|localhost|\[::1\])(:\d+)?(\/|$)/.test(url);

export const lifetime = z.strictObject({
  /** Without the path of its API, e.g. `https://lifetime.example.com`. The token would travel in clear text over HTTP. */
  address: z
    .url({ protocol: /^https?$/, hostname: /^.+$/, error: 'expected an address such as https://lifetime.example.com' })
    .refine((url) => url.startsWith('https:') || isLoopback(url), { error: 'expected https:// for another machine' }),
  /** The token of a service account, `{ file: PATH }` or `{ env: NAME }` as the worker finds it. */
  token: secretReference,
  /** Certificates of a private authority, trusted instead of the public ones; a PEM file, as the worker sees it. */
  caFile: z.string().min(1).optional(),
  /** What is known of its environments, by their names in LifeTime. */
  environments: z
    .record(
      z.string().min(1).max(100),
      z.strictObject({
        /** The zone whose hooks its publishes call. Default: calls in any zone are joined. */
        zone: z
          .string()
          .regex(/^[A-Za-z0-9_.-]{1,50}$/, { error: 'expected the name of a zone' })
          .optional(),
        /** The key of the deployment zone into which an application comes that isn't there yet. Default: the environment's own. */
        deploymentZone: guid().optional(),
      }),
    )
    .default({}),
  /** Between two looks at a deployment. */
  every: durationBetween('100ms', '5m').default(5_000),
  /** For how long a LifeTime that doesn't answer is asked again, before a plan, a start or a command is given up. */
  patience: durationBetween('1s', '24h').default(10 * 60_000),
  /** For how long a deployment is followed; one that LifeTime still has then goes on there. */
  followFor: durationBetween('1m', '30d').default(7 * 24 * 3_600_000),
});

export type LifeTimeSettings = z.infer<typeof lifetime>;
