/** `gates:` of a zone or an application: what must stay well while a release takes over, from its first share of traffic on. */
import { JSONPathEnvironment } from 'json-p3';
import { z } from 'zod';
import { addressOrReference, headerValue } from '../conditions';
import { durationBetween } from '../durations';

/** @param missing what it means by default that nobody answers, or that there is no value */
const common = (missing: 'passes' | 'fails') => ({
  /** For how long it must fail without a break before the deployment fails by it. */
  failAfter: durationBetween('0s', '24h').default(60_000),
  /** Between two looks. */
  every: durationBetween('1s', '10m').default(30_000),
  missing: z.enum(['passes', 'fails']).default(missing),
});

const headers = z
  .record(z.string().regex(/^(?!host$)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/i), headerValue(1, 8_192))
  .default({});

/** A value is well from `least` to `most`, both included. */
const bounds = { least: z.number().optional(), most: z.number().optional() };
const bounded = { error: 'expected most, least or both, and least not above most' };
const isBounded = ({ least, most }: { least?: number | undefined; most?: number | undefined }) =>
  (least !== undefined || most !== undefined) && (least ?? -Infinity) <= (most ?? Infinity);

const jsonPath = z.string().refine(isJsonPath, { error: 'expected a JSONPath (RFC 9535) such as $.errors[0].rate' });

function isJsonPath(text: string): boolean {
  try {
    new JSONPathEnvironment().compile(text);
    return true;
  } catch {
    return false;
  }
}

const gate = z.discriminatedUnion('kind', [
  /** Alarms of CloudWatch, metric or composite; one without data says nothing. */
  z.strictObject({
    ...common('passes'),
    kind: z.literal('alarms'),
    names: z.array(z.string().min(1).max(255)).min(1).max(100),
  }),
  /** What the load balancer counts of green's target group. */
  z.strictObject({
    ...common('passes'),
    kind: z.literal('loadBalancer'),
    /** Percent of green's requests that may end in a 5xx or without a connection. */
    mostErrors: z.number().min(0).max(100).optional(),
    /** How long green's replicas may take to answer, on average. */
    mostLatency: durationBetween('1ms', '5m').optional(),
    /** Whether green's share of errors is compared with blue's. */
    compare: z
      .union([
        z.literal(false),
        z.strictObject({
          /** Up to so many times blue's share is no worse than blue. */
          factor: z.number().min(1).max(100).default(1.5),
          /** How sure it must be, in percent: with 99.9, one deployment of a thousand that is no worse fails by it. */
          confidence: z.number().min(90).max(99.9999).default(99.9),
        }),
      ])
      .prefault({}),
    /** Fewer requests to green say nothing. */
    leastRequests: z.int().min(1).max(1_000_000).default(20),
  }),
  /** A query of Prometheus, or of what has its API, such as Thanos, Mimir or Amazon Managed Service for Prometheus by a proxy. */
  z
    .strictObject({
      ...common('fails'),
      kind: z.literal('prometheus'),
      /** Before `/api/v1/query`. */
      address: addressOrReference,
      /** PromQL; every value of its result is judged. */
      query: z.string().min(1).max(10_000),
      headers,
      ...bounds,
    })
    .refine(isBounded, bounded),
  /** Whatever answers a GET with JSON; every number that the path finds is judged. */
  z
    .strictObject({
      ...common('fails'),
      kind: z.literal('http'),
      address: addressOrReference,
      path: jsonPath,
      headers,
      ...bounds,
    })
    .refine(isBounded, bounded),
  /** Whatever answers a POST with yes (2xx) or no, as Flagger's webhooks do. */
  z.strictObject({
    ...common('fails'),
    kind: z.literal('webhook'),
    address: addressOrReference,
    headers,
    /** What it is sent besides. */
    metadata: z.record(z.string(), z.string()).default({}),
  }),
]);
export type Gate = z.infer<typeof gate>;
export type GateOf<Kind extends Gate['kind']> = Extract<Gate, { kind: Kind }>;

export const gates = z
  .record(
    z.string().regex(/^[A-Za-z0-9_.-]{1,50}$/, { error: 'expected a name of letters, digits, "_", "." and "-"' }),
    gate,
  )
  .refine((all) => Object.keys(all).length <= 20, { error: 'expected at most 20 gates' })
  .default({});
export type Gates = z.infer<typeof gates>;
