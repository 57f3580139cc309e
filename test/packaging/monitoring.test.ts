import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askedBy, expressions, readAlerts, readDashboard } from './monitoring';

const documented = readFileSync(join(__dirname, '..', '..', 'docs', 'operations', 'observe.md'), 'utf8');

test('the alerts are rules as Prometheus loads them, each under a name of its own', () => {
  const names = readAlerts().groups.flatMap(({ rules }) => rules.map(({ alert }) => alert));
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter((name) => !documented.includes(`\`${name}\``))).toEqual([]);
});

test('the dashboard is one that Grafana loads: no two panels have one place or one ID', () => {
  const { panels } = readDashboard();
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  expect(new Set(panels.map(({ gridPos: { x, y } }) => `${x} ${y}`)).size).toBe(panels.length);
});

test.each(expressions())('PromQL, of metrics that a worker has: %s', (expr) => {
  const asked = askedBy(expr);
  expect(asked.length).toBeGreaterThan(0);
  for (const { metric } of asked) expect(metric).toMatch(/^(cutover|temporal)_/);
});

test('what isn’t PromQL is found out', () => {
  expect(() => askedBy('sum(rate(cutover_holds_total[5m])')).toThrow(/no PromQL/);
});
