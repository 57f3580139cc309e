import { describeReturn } from '../../../planning/returning/description';
import { planReturn, type RecordedBefore } from '../../../planning/returning/return';
import type { Observed } from '../../../planning/observed/observed';
import { tagKeys } from '../../../planning/names';
import {
  inSlotA,
  listener,
  listenerArn,
  liveRule,
  liveTags,
  observed,
  orders,
  path,
  release,
  request,
  rule,
  slot,
  testListenerArn,
} from '../zone';

const one = { release: release('1.0.0', ['Orders']) };
const two = { release: release('2.0.0', ['Orders']) };
const inFlight: RecordedBefore = { previous: 'definition-a', over: false };
const after: RecordedBefore = { previous: 'definition-a', over: true };

const testRule = (...forward: [string, number][]) =>
  rule(
    'test-0',
    1000,
    {
      conditions: [path('^/(Orders)(/.*)?$')],
      forward: forward.map(([targetGroupArn, weight]) => ({ targetGroupArn, weight })),
    },
    { ...liveTags(), [tagKeys.route]: 'test' },
  );

/** Green, in slot b, is being deployed over slot a. */
const cut = (changes: Partial<Observed> = {}) =>
  observed({
    liveListener: listener(listenerArn, liveRule('group-b', ['Orders'])),
    testListener: listener(testListenerArn, testRule(['group-b', 1], ['group-a', 0])),
    slots: [slot('a', one), slot('b', two)],
    ...changes,
  });

const plan = (seen: Observed, before = inFlight) => planReturn(request(), seen, before);

describe('in the bake, traffic goes back to what the test rule keeps attached', () => {
  test('in one change a rule, to replicas that are there', () => {
    const found = plan(cut(), { previous: null, over: false });
    expect(found).toMatchObject({ from: { slot: 'b' }, to: { slot: 'a', image: 'orders:1.0.0' }, paths: ['/Orders'] });
    expect(found.blue).toMatchObject({ service: 'service-a', taskDefinitionArn: 'definition-a', count: 3 });
    expect(found.through).toMatchObject([{ groups: { blue: 'group-b', green: 'group-a' }, attaches: false }]);
    expect(describeReturn(found)).toEqual(['change listener rule live-0: all requests to group-a (now group-b)']);
  });

  test('which are scaled up first where they were scaled in', () => {
    const scaledIn = cut({ slots: [slot('a', { ...one, desiredCount: 0 }), slot('b', { ...two, desiredCount: 4 })] });
    expect(describeReturn(plan(scaledIn))[0]).toBe(
      'scale service service-a from 0 to 4 replicas, and wait until all are healthy',
    );
  });

  test('whatever share it has', () => {
    const shared = {
      ...liveRule('group-a', ['Orders']),
      forward: [
        { targetGroupArn: 'group-a', weight: 50 },
        { targetGroupArn: 'group-b', weight: 50 },
      ],
    };
    const found = plan(cut({ liveListener: listener(listenerArn, shared) }));
    expect(describeReturn(found)).toEqual([
      'change listener rule live-0: all requests to group-a (now group-a 50 and group-b 50)',
    ]);
  });

  test('with the modules that it had: what only the new release has is left to the default rule', () => {
    const both = { release: release('2.0.0', ['Orders', 'OrdersAPI']) };
    const found = plan(
      cut({
        liveListener: listener(listenerArn, liveRule('group-b', ['Orders', 'OrdersAPI'])),
        slots: [slot('a', one), slot('b', both)],
      }),
    );
    expect(found.through[0].liveRoute.rules[0]?.after?.conditions[0]?.regularExpressions.join()).not.toMatch(/API/);
    expect(found.paths).toEqual(['/Orders', '/OrdersAPI']);
  });

  test('and none is written where it is there already', () => {
    const back = cut({ liveListener: listener(listenerArn, liveRule('group-a', ['Orders'])) });
    expect(describeReturn(plan(back))).toEqual([]);
  });

  test('of a first deployment, to the Platform Server', () => {
    const first = cut({
      testListener: listener(testListenerArn, testRule(['group-b', 1])),
      slots: [slot('a'), slot('b', two)],
    });
    const found = plan(first, { previous: '', over: false });
    expect(found).toMatchObject({ blue: null, to: { servedBy: 'platform-server' } });
    expect(describeReturn(found)).toEqual(['delete listener rule live-0 (now group-b): the default rule serves']);
  });
});

test('after the deployment has ended, what it recorded as before it comes back, attached by a test rule first', () => {
  const ended = cut({
    testListener: listener(testListenerArn),
    slots: [slot('a', { ...one, desiredCount: 0 }), slot('b', two)],
  });
  const found = plan(ended, after);
  expect(found.through).toMatchObject([{ attaches: true }]);
  expect(describeReturn(found)).toHaveLength(3);
});

describe('it is refused', () => {
  const ended = { testListener: listener(testListenerArn) };
  test.each([
    ['while the Platform Server serves', observed(), inFlight, /no live rules/],
    ['when blue is gone', cut({ ...ended, slots: [slot('a'), slot('b', two)] }), after, /is gone, or can't be told/],
    [
      'when the other slot has something else',
      cut({ ...ended, slots: [slot('a', { ...one, taskDefinitionArn: 'other' }), slot('b', two)] }),
      after,
      /definition-a is recorded, and service-a has other/,
    ],
    ['when nothing is recorded', cut(ended), { previous: null, over: true }, /no task definition is recorded/],
    [
      'to the Platform Server once the deployment is over',
      cut({ testListener: listener(testListenerArn, testRule(['group-b', 1])) }),
      { previous: '', over: true },
      /"cutover remove" gives it back/,
    ],
    [
      'in an update in place, which has no blue',
      observed({ ...inSlotA() }),
      { previous: 'definition-a0', over: false },
      /can't be told for certain/,
    ],
    [
      'when a live rule leads elsewhere',
      cut({ liveListener: listener(listenerArn, liveRule('group-x', ['Orders'])) }),
      inFlight,
      /sends requests to group-x, which no service of its slots uses/,
    ],
    [
      'when nobody knows what blue’s rules must catch',
      cut({ slots: [slot('a'), slot('b', two)].map((found) => (found.slot === 'a' ? slot('a', {}) : found)) }),
      inFlight,
      /doesn't say for which modules/,
    ],
    [
      'while another tool’s rules are being adopted',
      cut({
        liveListener: listener(
          listenerArn,
          liveRule('group-b', ['Orders']),
          rule('theirs', 5, {}, { ...liveTags(1), [tagKeys.route]: 'adopted' }),
        ),
      }),
      inFlight,
      /Another tool's rules are being adopted for Orders \(theirs\)/,
    ],
  ] as const)('%s', (_, seen, before, sentence) => {
    expect(() => plan(seen, before)).toThrow(sentence);
  });
});

test('it is known by the key, whoever the application is', () => {
  expect(plan(cut()).application).toBe(orders.name);
});
