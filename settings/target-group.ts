/** What a zone's target groups are like. What isn't given is as blue's has it; {@link targetGroupDefaults} hold where there is none. */
import { z } from 'zod';
import { durationBetween, formatDuration } from './durations';

export const healthCheckDefaults = {
  interval: 10_000,
  timeout: 5_000,
  healthyThreshold: 2,
  unhealthyThreshold: 2,
  matcher: '200',
} as const;

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html */
const healthCheck = z
  .strictObject({
    /** Default `/<first module>/_ping.aspx`. */
    path: z.string().startsWith('/').max(1024).optional(),
    /** Default 10 s. */
    interval: durationBetween('5s', '300s').optional(),
    /** Default 5 s. */
    timeout: durationBetween('2s', '120s').optional(),
    healthyThreshold: z.int().min(2).max(10).optional(),
    unhealthyThreshold: z.int().min(2).max(10).optional(),
    /** Default `200`. */
    matcher: z
      .string()
      .regex(/^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$/, {
        error: 'expected status codes from 200 to 499, such as 200,301 or 200-399: the load balancer takes no other',
      })
      .optional(),
  })
  .superRefine(({ interval = healthCheckDefaults.interval, timeout = healthCheckDefaults.timeout }, context) => {
    if (timeout < interval) return;
    const both = `timeout ${formatDuration(timeout)}, interval ${formatDuration(interval)}`;
    context.addIssue({
      code: 'custom',
      message: `expected a timeout below the interval: the load balancer takes no other (${both})`,
      path: ['timeout'],
    });
  });

export const targetGroupDefaults = { protocol: 'HTTP', port: 80, deregistrationDelay: 120_000 } as const;

/**
 * Whether a node sends requests to targets of other zones.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/disable-cross-zone.html
 */
export const crossZone = 'load_balancing.cross_zone.enabled';

export const targetGroup = z.strictObject({
  vpc: z.string().optional(),
  /** Default `HTTP`. */
  protocol: z.enum(['HTTP', 'HTTPS']).optional(),
  /** Default 80. */
  port: z.int().min(1).max(65535).optional(),
  /** Default `ip`, and `instance` where tasks have no network of their own. */
  targetType: z.enum(['ip', 'instance']).optional(),
  healthCheck: healthCheck.prefault({}),
  /** How long a request may still take once its replica goes. Default: blue's own, else 2 min. */
  deregistrationDelay: durationBetween('0s', '3600s').optional(),
  /** Any further target group attributes, as AWS names them. */
  attributes: z
    .record(z.string(), z.string())
    .refine((attributes) => attributes[crossZone] !== 'false', {
      error: `expected no "${crossZone}": "false": a node of the load balancer whose zone has no replica answers 503`,
    })
    .default({}),
});

export type TargetGroupSettings = z.infer<typeof targetGroup>;
