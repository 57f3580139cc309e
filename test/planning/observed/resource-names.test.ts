import { resourceBases } from '../../../planning/observed/resource-names';
import { applicationTags, resourceBase, slotNames, tagKeys } from '../../../planning/names';
import { defaultRule, invoices, orders, rule } from '../zone';

const sales = { ...orders, name: 'Sales' };
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
