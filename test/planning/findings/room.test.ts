import { findQuotas } from '../../../planning/findings/room';
import { rule } from '../zone';

test('a load balancer without room for one more deployment is an error, one that is nearly full a warning', () => {
  const use = { rules: 99, ruleLimit: 100, targetGroups: 95, targetGroupLimit: 100 };
  const states = findQuotas(use, [], { from: 1000, to: 1999 }).map(({ state }) => state);
  expect(states).toEqual(['error', 'warning', 'ok']);
});

test('where the zone’s own priorities run out, it is they that are to be widened, and no limit of AWS', () => {
  const use = { rules: 1, ruleLimit: 100, targetGroups: 1, targetGroupLimit: 100 };
  const next = (taken: number, to: number) => {
    const rules = Array.from({ length: taken }, (_, at) => rule(`arn/${at}`, 1000 + at, {}));
    return findQuotas(use, rules, { from: 1000, to }).map((one) => one.next);
  };
  expect(next(1, 1001)).toEqual([null, null, expect.stringMatching(/widen the zone's "priorities".*, then deploy/)]);
  expect(next(38, 1039)).toEqual([null, null, expect.stringMatching(/^Before they run out, widen the zone's "prior/)]);
});
