import { recordedName, resourceBases, servingBase } from '../../../planning/observed/resource-names';
import { applicationTags, baseOfSlot, resourceBase, slotNames, tagKeys } from '../../../planning/names';
import { defaultRule, invoices, orders, rule } from '../zone';

/** Orders under its new name: the key is the same. */
const sales = { ...orders, name: 'Sales & Service' };
const arn = (name: string) =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/${name}/0123456789abcdef`;
const ruleTo = (route: 'live' | 'test', ...names: readonly string[]) =>
  rule(
    route,
    1990,
    { forward: names.map((name, at) => ({ targetGroupArn: arn(name), weight: at === 0 ? 100 : 0 })) },
    { ...applicationTags(orders), [tagKeys.route]: route },
  );
const listeners = (live: ReturnType<typeof ruleTo>[], test: ReturnType<typeof ruleTo>[] = []) => ({
  liveListener: { rules: [...live, defaultRule] },
  testListener: { rules: [...test, defaultRule] },
});
const [asOrders, asSales] = [slotNames(orders, 'a').targetGroup, slotNames(sales, 'b').targetGroup];

const liveRule = (targetGroup: string) => ruleTo('live', targetGroup);

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

test('between a rename in the settings and its deployment, the earlier name comes first, and the present one counts too', () => {
  expect(resourceBases(sales, listeners([ruleTo('live', asOrders)]))).toEqual([
    resourceBase(orders),
    resourceBase(sales),
  ]);
});

test('while a rename is deployed, blue is found under the one name and green under the other, before and after the cut', () => {
  const before = listeners([ruleTo('live', asOrders)], [ruleTo('test', asSales, asOrders)]);
  expect(resourceBases(sales, before)).toEqual([resourceBase(orders), resourceBase(sales)]);
  const after = listeners([ruleTo('live', asSales)], [ruleTo('test', asSales, asOrders)]);
  expect(resourceBases(sales, after)).toEqual([resourceBase(sales), resourceBase(orders)]);
});

test('what isn’t the application’s own is under none of its names', () => {
  const theirs = slotNames(invoices, 'a').targetGroup;
  expect(resourceBases(sales, listeners([ruleTo('live', theirs)]))).toEqual([resourceBase(sales)]);
});
