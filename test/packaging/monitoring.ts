/** The alerts and the dashboard that the documents offer, and what their expressions are made of. */
import { parser } from '@prometheus-io/lezer-promql';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

const folder = join(__dirname, '..', '..', 'docs', 'operations');
const expression = z.string().min(1);
const duration = z.string().regex(/^\d+[smhd]$/);

/** https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/ */
const alertRules = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Cutover[A-Za-z]+$/),
          expr: expression,
          for: duration.optional(),
          labels: z.strictObject({ severity: z.enum(['info', 'warning', 'critical']) }),
          annotations: z.strictObject({ summary: z.string(), description: z.string().optional() }),
        }),
      ),
    }),
  ),
});

const place = z.strictObject({ x: z.int(), y: z.int(), w: z.int().max(24), h: z.int() });
const row = z.object({ type: z.literal('row'), id: z.int(), title: z.string(), gridPos: place });
const panel = z.object({
  type: z.enum(['stat', 'timeseries']),
  id: z.int(),
  title: z.string(),
  gridPos: place,
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }),
  targets: z.array(z.object({ refId: z.string(), expr: expression, legendFormat: z.string() })).min(1),
});
/** As far as Grafana needs it. https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/ */
const dashboard = z.object({
  title: z.string(),
  uid: z.string(),
  schemaVersion: z.int(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), type: z.enum(['datasource', 'query']) })) }),
  panels: z.array(z.discriminatedUnion('type', [row, panel])),
});

const text = (file: string) => readFileSync(join(folder, file), 'utf8');
export const readAlerts = () => alertRules.parse(parse(text('alerts.yaml')));
export const readDashboard = () => dashboard.parse(JSON.parse(text('grafana-dashboard.json')));

/** Every expression of both, Grafana's own variables with a value. */
export function expressions(): string[] {
  const alerts = readAlerts().groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  const shown = readDashboard().panels.flatMap((one) => (one.type === 'row' ? [] : one.targets));
  return [...alerts, ...shown.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m').replaceAll('$zone', '.*'))];
}

/** A metric that an expression asks for, and the labels that it asks for of it. */
export interface Asked {
  readonly metric: string;
  readonly labels: readonly string[];
}

/** @throws {Error} where it isn't PromQL */
export function askedBy(expr: string): Asked[] {
  const asked: { metric: string; labels: string[] }[] = [];
  parser.parse(expr).iterate({
    enter: ({ type, from, to }) => {
      const source = expr.slice(from, to);
      if (type.isError) throw new Error(`It is no PromQL at ${from}: ${expr}`);
      if (type.name === 'Identifier') asked.push({ metric: source, labels: [] });
      if (type.name === 'LabelName' && expr.slice(to).match(/^\s*(=|!)/)) asked.at(-1)?.labels.push(source);
    },
  });
  return asked;
}
