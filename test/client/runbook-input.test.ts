import { strategyOf } from '../../client/runbook-input';
import type { Settings } from '../../settings/schema';

test.each([
  ['blue-green', 'blueGreen'],
  ['rolling-update', 'rollingUpdate'],
  ['rolling', 'rollingUpdate'],
  ['blueGreen', 'blueGreen'],
  ['rollingUpdate', 'rollingUpdate'],
])('--strategy %s is taken, as refusals and settings spell it too', (strategy, wanted) => {
  const settings = { zones: {}, applications: {} } as unknown as Settings;
  const target = { zone: 'production', application: 'Orders' };
  expect(strategyOf(target, { strategy }, settings)).toBe(wanted);
  expect(() => strategyOf(target, { strategy: 'green' }, settings)).toThrow(/choose one of blue-green and rolling-up/);
});
