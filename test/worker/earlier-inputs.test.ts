/** A deployment that an earlier version planned goes on: what its history says that activities are given is still understood. */
import { readInput } from '../../worker/earlier-inputs';
import { isExpected, ruleAt, type RouteTraffic, type RouteTargetGroups } from '../../planning/routing/rule-states';
import type { RoutePlan } from '../../planning/routing/rule-set';
import { readHistory, recordedHistories } from '../suites/replay/histories';

interface Scheduled {
  readonly history: string;
  readonly activity: string;
  readonly given: readonly unknown[];
}

const decoded = (data: Uint8Array | null | undefined): unknown =>
  data && data.length > 0 ? JSON.parse(Buffer.from(data).toString('utf8')) : undefined;

/** Every activity that any recorded history has scheduled, with what it was given. */
const scheduled: readonly Scheduled[] = recordedHistories().flatMap((history) =>
  (readHistory(history).events ?? []).flatMap(({ activityTaskScheduledEventAttributes: attributes }) =>
    attributes
      ? [
          {
            history,
            activity: attributes.activityType?.name ?? '',
            given: (attributes.input?.payloads ?? []).map(({ data }) => decoded(data)),
          },
        ]
      : [],
  ),
);
const of = (name: string) => scheduled.filter(({ activity }) => activity === name);
const earlierNames = /"(keptActions|kept|place|alsoKept)"/;

test('the histories are of an earlier version, or these tests would promise nothing', () => {
  expect(of('setRoute').filter(({ given }) => earlierNames.test(JSON.stringify(given)))).not.toEqual([]);
  expect(of('settleAdoption').filter(({ given }) => earlierNames.test(JSON.stringify(given)))).not.toEqual([]);
  expect(of('setDesiredCount').filter(({ given }) => typeof given[1] === 'string')).not.toEqual([]);
  expect(of('confirmRoute').filter(({ given }) => given.length > 2)).not.toEqual([]);
});

test.each(['setRoute', 'confirmRoute', 'recordName', 'markAdopted', 'unmarkAdopted', 'settleAdoption'])(
  '%s is given no name that it doesn’t know any more',
  (activity) => {
    for (const { given } of of(activity)) expect(JSON.stringify(readInput(activity, given))).not.toMatch(earlierNames);
  },
);

test('every rule of a recorded route has its states, and they are known to its plan', () => {
  const seen = of('setRoute').flatMap(({ given }) => {
    const [, route, traffic, groups] = readInput('setRoute', given) as [
      unknown,
      RoutePlan,
      RouteTraffic,
      RouteTargetGroups,
    ];
    return route.rules.map((rule) => {
      const state = ruleAt(rule, traffic, groups);
      if (state !== null) expect(state).toMatchObject({ otherActions: expect.any(Array), forward: expect.any(Array) });
      if (state !== null && traffic !== 'before')
        expect(isExpected(rule, { ...state, forward: [] }, groups)).toBe(true);
      expect(rule.commonShape).toBeDefined();
      return state;
    });
  });
  expect(seen.filter((state) => state !== null)).not.toEqual([]);
});

test('a present workflow confirms the route of a plan that was recorded before', () => {
  const [earlier] = of('confirmRoute').filter(({ given }) => earlierNames.test(JSON.stringify(given)));
  const [site, route, traffic, groups] = earlier?.given ?? [];
  const given = readInput('confirmRoute', [site, { route, traffic, groups, retired: null }]);
  expect(given).toEqual(readInput('confirmRoute', [site, route, traffic, groups]));
  expect(JSON.stringify(given)).not.toMatch(earlierNames);
});

test('a count is wanted of the service that it was wanted of, and is still a bound where it was one', () => {
  const [service, arn] = ['orders-b', 'arn:aws:ecs:eu-west-1:1:task-definition/orders:7'];
  expect(readInput('setDesiredCount', ['site', service, 0])).toEqual(['site', { service, desiredCount: 0 }]);
  expect(readInput('setDesiredCount', ['site', service, 3, arn, 'atLeast'])).toEqual([
    'site',
    { service, atLeast: 3, expecting: arn },
  ]);
  expect(readInput('setDesiredCount', ['site', service, 2, null])).toEqual(['site', { service, desiredCount: 2 }]);
});

test('every adopted rule still has its place in the route, or is one that goes', () => {
  const rules = of('settleAdoption').flatMap(({ given }) => {
    const [, , adoption] = readInput('settleAdoption', given) as [
      unknown,
      unknown,
      { rules: { ruleIndex: unknown }[] },
    ];
    return adoption.rules;
  });
  expect(rules).not.toEqual([]);
  for (const { ruleIndex } of rules) expect(ruleIndex === null || typeof ruleIndex === 'number').toBe(true);
});

test('what the present version records passes as it is', () => {
  const wanted = ['site', { service: 'orders-a', atLeast: 2 }];
  const expected = [
    'site',
    { route: { rules: [] }, traffic: 'gone', groups: { blue: null, green: '' }, retired: null },
  ];
  expect(readInput('setDesiredCount', wanted)).toBe(wanted);
  expect(readInput('confirmRoute', expected)).toEqual(expected);
  expect(readInput('registerTaskDefinition', ['site', { kept: 1 }])).toEqual(['site', { kept: 1 }]);
});
