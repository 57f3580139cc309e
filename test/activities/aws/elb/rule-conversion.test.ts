import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import { awsActions, listenerRule } from '../../../../activities/aws/elb/rule-conversion';
import { stateOf } from '../../../../planning/routing/listener-rules';

const forward = [{ targetGroupArn: 'green', weight: 100 }];

test.each([
  [[], [1]],
  [[1], [1, 2]],
  [[10], [10, 11]],
  [
    [20, 10],
    [20, 10, 21],
  ],
])('the forward comes after logins that are numbered %j', (orders, expected) => {
  const otherActions = orders.map((Order) => ({ Type: 'authenticate-cognito', Order }) as const);
  const actions = awsActions({ conditions: [], transforms: [], otherActions, forward }, false);
  expect(actions.map(({ Order }) => Order)).toEqual(expected);
  expect(actions.at(-1)?.Type).toBe('forward');
});

const conditionOf = (config: object, Field = 'path-pattern') =>
  listenerRule({ Conditions: [{ Field, ...config }] }, {}).conditions[0];

test.each([
  ['path-pattern', 'PathPatternConfig'],
  ['host-header', 'HostHeaderConfig'],
  ['http-header', 'HttpHeaderConfig'],
])('expressions that AWS repeats as legacy values of a %s are read once', (field, config) => {
  const read = { Values: ['^/(Orders)(/.*)?$'], [config]: { RegexValues: ['^/(Orders)(/.*)?$'] } };
  expect(conditionOf(read, field)).toMatchObject({ values: [], regularExpressions: ['^/(Orders)(/.*)?$'] });
});

test('legacy values count where there are no expressions', () => {
  expect(conditionOf({ Values: ['/Orders'] })).toMatchObject({ values: ['/Orders'], regularExpressions: [] });
  expect(conditionOf({ Values: ['/Orders'], PathPatternConfig: { Values: ['/Orders'] } })).toMatchObject({
    values: ['/Orders'],
  });
});

/** As another tool may have written it, and AWS shows it. */
const theirs: readonly Action[] = [
  { Type: 'forward', TargetGroupArn: 'blue' },
  { Type: 'forward', TargetGroupArn: 'blue', Order: 1, ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'blue' }] } },
  {
    Type: 'forward',
    Order: 50,
    ForwardConfig: {
      TargetGroups: [
        { TargetGroupArn: 'blue', Weight: 7 },
        { TargetGroupArn: 'old', Weight: 0 },
      ],
      TargetGroupStickinessConfig: { Enabled: false, DurationSeconds: 3600 },
    },
  },
];

test.each(theirs)('a rule of others is put back word for word: %j', (action) => {
  const found = stateOf(listenerRule({ Actions: [action] }, { Owner: 'web' }));
  expect(awsActions(found, false)).toEqual([action]);
  expect(awsActions({ ...found, forward }, false)).toEqual([
    { Type: 'forward', Order: 1, ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'green', Weight: 100 }] } },
  ]);
  expect(listenerRule({ Actions: [action] }, { 'cutover:rule': '0' })).not.toHaveProperty('described');
});
