import { planBlueGreen } from '../../planning/plans/deployment';
import { refuseOtherLock } from '../../planning/lock';
import { resourceBase, tagKeys } from '../../planning/names';
import type { Observed, ObservedSlot } from '../../planning/observed/observed';
import { planRollingUpdate } from '../../planning/plans/rolling-update';
import { inSlotA, observed, orders, request, slot } from './zone';

/** Serves under an earlier name: its rules' tags and its slots bear it. */
function renamed(): Observed {
  const found = observed(inSlotA());
  const rules = found.liveListener.rules.map((one) =>
    one.priority === 'default' ? one : { ...one, tags: { ...one.tags, [tagKeys.application]: 'Sales' } },
  );
  const slots: ObservedSlot[] = [slot('a', { name: 'Sales-1-a' }), slot('b', { name: 'Sales-1-b', desiredCount: 0 })];
  return { ...found, liveListener: { ...found.liveListener, rules }, slots };
}

test('a renamed application’s next release bears the new name, and what bears the old one goes in the end', () => {
  const { green, blue, renamedFrom, outgrown } = planBlueGreen(request(), renamed());
  expect(blue).toMatchObject({ service: 'Sales-1-a' });
  expect(green.service.name).toBe(`${resourceBase(orders)}-b`);
  expect(renamedFrom).toBe('Sales');
  expect(outgrown).toEqual([
    { service: 'Sales-1-a', targetGroupArn: 'group-a' },
    { service: 'Sales-1-b', targetGroupArn: 'group-b' },
  ]);
});

test('without a rename nothing is outgrown', () => {
  expect(planBlueGreen(request(), observed(inSlotA()))).not.toHaveProperty('outgrown');
});

test('a rolling update can’t rename', () => {
  expect(() => planRollingUpdate(request(), renamed())).toThrow(/a service can't change its name/);
});

test('only a run under the recorded name may rename: it is the application’s lock', () => {
  const plan = planBlueGreen(request(), renamed());
  expect(() => refuseOtherLock(orders, 'production/Orders', plan)).toThrow(
    /serves under the name Sales.*"cutover deploy Orders --renamed-from Sales", or as production\/Sales with \{"application"/,
  );
  expect(() => refuseOtherLock(orders, 'production/Orders', { plan })).toThrow(/serves under the name Sales/);
  expect(() => refuseOtherLock(orders, 'production/Sales', plan)).not.toThrow();
  const settled = planBlueGreen(request(), observed(inSlotA()));
  expect(() => refuseOtherLock(orders, 'production/Orders', settled)).not.toThrow();
});
