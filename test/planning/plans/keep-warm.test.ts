import { planBlueGreen } from '../../../planning/plans/deployment';
import { planKeepWarm } from '../../../planning/plans/keep-warm';
import type { Blue } from '../../../planning/observed/blue';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { resolveRunbookOptions } from '../../../settings/runbook';
import { inSlotA, observed, orders, release, request, slot } from '../zone';

const hour = { keepWarm: 3_600_000 };

describe('blue is kept', () => {
  test('where an undo can come back to it, for as long as was asked', () => {
    const { options, unkept } = planBlueGreen(request(hour), observed(inSlotA()));
    expect(options.keepWarm).toBe(3_600_000);
    expect(unkept).toBeUndefined();
  });

  test.each([
    ['the Platform Server serves', planBlueGreen(request(hour), observed()), /Platform Server .* goes on by itself/],
    ['it is rolled', planRollingUpdate(request(hour), observed(inSlotA())), /rolling update replaces/],
    [
      'it bears an earlier name',
      planBlueGreen({ ...request(hour), application: { ...orders, name: 'Sales' } }, observed(inSlotA())),
      /earlier name Orders, and goes with it/,
    ],
    [
      'another tool made it',
      planKeepWarm(resolveRunbookOptions(hour), { blue: {} as Blue, adopts: true, renamedFrom: undefined }),
      /service of another tool/,
    ],
  ])('never when %s, and the plan says so', (_, { options, unkept }, why) => {
    expect(options.keepWarm).toBe(0);
    expect(unkept).toMatch(why);
    expect(unkept).toMatch(/^keepWarm keeps nothing here: /);
  });

  test('only when it is asked for: nothing is said otherwise', () => {
    expect(planBlueGreen(request(), observed()).unkept).toBeUndefined();
  });
});

describe('kept warm already', () => {
  const serving = observed({
    ...inSlotA(),
    slots: [slot('a', { release: release('2.0.0', ['Orders']) }), slot('b', { desiredCount: 2 })],
  });
  const earlier = { taskDefinitionArn: 'definition-b' };

  test('an undo finds the release before still running, and starts nothing', () => {
    const { warm } = planBlueGreen(request(), { ...serving, earlier });
    expect(warm).toEqual({ taskDefinitionArn: 'definition-b', previous: 'definition-a', by: 'Ana', reason: null });
  });

  test.each([
    ['another release runs there', { ...serving, earlier: { taskDefinitionArn: 'definition-0' } }],
    [
      'its target group was deleted',
      { ...serving, earlier, slots: [serving.slots[0]!, { ...slot('b', { desiredCount: 2 }), targetGroupArn: null }] },
    ],
    ['nothing runs there', { ...serving, earlier, slots: [serving.slots[0]!, slot('b', { desiredCount: 0 })] }],
    ['it is no undo', serving],
  ])('not when %s', (_, seen) => expect(planBlueGreen(request(), seen).warm).toBeNull());
});
