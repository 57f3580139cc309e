import { applicationTags, tagKeys } from '../../planning/names';
import { planRemoval } from '../../planning/removal';
import { defaultRule, inSlotA, invoices, observed, orders, request } from './zone';

const modules = ['Orders'];

test('what serves under a new name is left alone', () => {
  const found = observed(inSlotA());
  const renamed = { ...applicationTags({ ...invoices, key: orders.key }), [tagKeys.route]: 'live' };
  const rules = found.live.rules.map((one) => (one.priority === 'default' ? one : { ...one, tags: renamed }));
  expect(() => planRemoval(request(), { ...found, live: { ...found.live, rules } }, modules)).toThrow(
    /serves under the name Invoices now: nothing of Orders was removed/,
  );
});

test('without a Platform Server behind the default rule nothing can take over', () => {
  const found = observed(inSlotA());
  const rules = found.live.rules.map((one) => (one.priority === 'default' ? { ...defaultRule, forward: [] } : one));
  expect(() => planRemoval(request(), { ...found, live: { ...found.live, rules } }, modules)).toThrow(
    /no Platform Server can be asked/,
  );
});

test('modules that nobody knows are asked for', () => {
  expect(() => planRemoval(request(), observed(inSlotA()), [])).toThrow(/name them under "modules"/);
});

test('the default rule and other applications’ rules are in no plan of a removal', () => {
  const plan = planRemoval(request(), observed(inSlotA()), modules);
  expect(plan.liveRoute.rules.map(({ arn }) => arn)).toEqual(['live-0']);
  expect(plan.liveRoute.rules.map(({ after }) => after)).toEqual([null]);
});
