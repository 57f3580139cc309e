import { recordedName, servingBase } from '../../../planning/observed/blue';
import { applicationTags, baseOfSlot, slotNames, tagKeys } from '../../../planning/names';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { inSlotA, invoices, observed, orders, request, rule } from '../zone';

/** Orders under its new name: the key is the same. */
const sales = { ...orders, name: 'Sales & Service' };
const group = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const liveRule = (targetGroup: string) =>
  rule(
    'live-0',
    1990,
    { forward: [{ targetGroupArn: group(targetGroup), weight: 1 }] },
    { ...applicationTags(orders), [tagKeys.route]: 'live', [tagKeys.rule]: '0' },
  );

test('what serves is found under the name that it was made with', () => {
  const earlier = slotNames(orders, 'a').targetGroup;
  const base = servingBase(sales, [liveRule(earlier)]);
  expect(slotNames(sales, 'a', base).service).toBe(slotNames(orders, 'a').service);
  expect(slotNames(sales, 'a').service).not.toBe(slotNames(orders, 'a').service);
});

test('without rules, or with rules to what isn’t the application’s own, its present name counts', () => {
  const own = slotNames(sales, 'a').service;
  expect(slotNames(sales, 'a', servingBase(sales, [])).service).toBe(own);
  expect(slotNames(sales, 'a', servingBase(sales, [liveRule(slotNames(invoices, 'a').targetGroup)])).service).toBe(own);
  expect(baseOfSlot('platform-server', sales)).toBeUndefined();
});

test('a rename is seen from the tags, also of a name that tags can’t hold whole', () => {
  expect(recordedName(sales, [liveRule('x')])).toBe('Orders');
  expect(recordedName(orders, [liveRule('x')])).toBeUndefined();
  const asSales = { ...liveRule('x'), tags: { ...applicationTags(sales), [tagKeys.route]: 'live' } };
  expect(recordedName(sales, [asSales])).toBeUndefined();
});

test('the first deployment under a new name makes green under it, and knows the old one; it can’t roll', () => {
  const found = observed(inSlotA(['Orders', 'OrdersAPI']));
  const plan = planBlueGreen({ ...request(), application: sales }, found);
  expect(plan).toMatchObject({ renamedFrom: 'Orders', blue: { service: 'service-a' } });
  expect(plan.green.service.name).toBe(slotNames(sales, 'b').service);
  expect(planBlueGreen(request(), found)).not.toHaveProperty('renamedFrom');
  expect(() => planRollingUpdate({ ...request(), application: sales }, found)).toThrow(
    /Orders becomes Sales & Service/,
  );
});
