/**
 * Metrics that no process here has, such as a service's CPU: a test sets them on the control port, with `POST /metrics` and
 * `{"resource": "service/CLUSTER/SERVICE", "metric": "ECSServiceAverageCPUUtilization", "value": 80}`. Without a `value` there is
 * none any more, and policies on it do nothing.
 */
import { z } from 'zod';
import type { ControlRoute } from '../control';

const metricSchema = z.strictObject({
  resource: z.string(),
  metric: z.string().default('ECSServiceAverageCPUUtilization'),
  value: z.number().min(0).optional(),
});

export interface AutoscalingMetrics {
  get(resource: string, metric: string): number | undefined;
  readonly route: ControlRoute;
}

export function createMetrics(): AutoscalingMetrics {
  const values = new Map<string, number>();
  return {
    get: (resource, metric) => values.get(`${resource} ${metric}`),
    route: ({ method, url, body }) => {
      if (method !== 'POST' || url.pathname !== '/metrics') return undefined;
      const result = metricSchema.safeParse(JSON.parse(body));
      if (!result.success) throw new Error(`The metric isn't valid: ${result.error.issues[0]?.message}.`);
      const { resource, metric, value } = result.data;
      if (value === undefined) values.delete(`${resource} ${metric}`);
      else values.set(`${resource} ${metric}`, value);
      return result.data;
    },
  };
}
