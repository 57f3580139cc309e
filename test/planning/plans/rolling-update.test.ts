import fc from 'fast-check';
import { planRollingUpdate, refuseBounds } from '../../../planning/plans/rolling-update';
import { ruleAt } from '../../../planning/routing/rule-states';
import { inSlotA, observed, path, request } from '../zone';

const bounds = (minimumHealthyPercent: number, maximumPercent: number) => ({ minimumHealthyPercent, maximumPercent });

describe('a pair of percents is refused', () => {
  test('when it can leave no healthy replica', () => {
    expect(() => refuseBounds(bounds(0, 200), 4)).toThrow(/let ECS stop every replica at once/);
  });

  test.each([
    [1, 50, 150],
    [2, 75, 100],
    [3, 100, 133],
    [4, 100, 100],
  ])('when it allows no progress with %i replicas: %i and %i', (count, minimum, maximum) => {
    expect(() => refuseBounds(bounds(minimum, maximum), count)).toThrow(/allow no progress/);
  });

  test('never when a replica may stop or another may start, and one healthy one stays', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(100), fc.integer({ min: 100, max: 200 }), (n, min, max) => {
        const floor = Math.ceil((n * min) / 100);
        const safe = floor >= 1 && (floor < n || Math.floor((n * max) / 100) > n);
        const refusal = () => refuseBounds(bounds(min, max), n);
        if (safe) expect(refusal).not.toThrow();
        else expect(refusal).toThrow(/minimumHealthyPercent/);
      }),
    );
  });
});

test('an application that isn’t in containers is refused, with what to do first', () => {
  expect(() => planRollingUpdate(request(), observed())).toThrow(
    /Orders isn't in containers yet.*deploy it with the strategy blueGreen first/,
  );
});

test('a release without any of the modules that serve now is refused', () => {
  expect(() => planRollingUpdate(request(), observed(inSlotA(['Other'])))).toThrow(
    /none of the modules that serve now/,
  );
});

test('the pilot is one replica in the idle slot', () => {
  const plan = planRollingUpdate(request(), observed(inSlotA()));
  expect(plan.green).toMatchObject({ slot: 'b', service: { desiredCount: 1 } });
  expect(plan.blue).toMatchObject({ slot: 'a', taskDefinitionArn: 'definition-a' });
});

test('while old and new replicas serve, only the modules of both are caught', () => {
  const plan = planRollingUpdate(request(), observed(inSlotA(['Orders', 'OrdersOld'])));
  const [only] = plan.liveRoute.rules;
  const groups = { blue: 'group-a', green: 'group-a' };
  expect(ruleAt(only!, 'common', groups)).toMatchObject({
    conditions: [path('^/(Orders)(/.*)?$')],
    forward: [{ targetGroupArn: 'group-a' }],
  });
  expect(ruleAt(only!, { blue: 0, green: 100 }, groups)?.conditions).toEqual([path('^/(Orders|OrdersAPI)(/.*)?$')]);
  expect(ruleAt(only!, 'before', groups)?.conditions).toEqual([path('^/(Orders|OrdersOld)(/.*)?$')]);
  expect(plan.keptPaths).toEqual(['/Orders']);
});

test('a most of 100 percent is refused where AWS rebalances the service, with the two ways out', () => {
  const { slots, liveListener } = inSlotA();
  const rebalanced = (availabilityZoneRebalancing: 'ENABLED' | 'DISABLED') =>
    observed({
      liveListener,
      slots: slots.map((one) => ({
        ...one,
        service: one.service && { ...one.service, desiredCount: 2, settings: { availabilityZoneRebalancing } },
      })),
    });
  const narrow = request({ strategy: 'rollingUpdate', minimumHealthyPercent: 50, maximumPercent: 100 });
  expect(() => planRollingUpdate(narrow, rebalanced('ENABLED'))).toThrow(
    /raise maximumPercent above 100, or switch that off .*--availability-zone-rebalancing DISABLED/,
  );
  expect(planRollingUpdate(narrow, rebalanced('DISABLED')).bounds).toEqual(bounds(50, 100));
  const wide = request({ strategy: 'rollingUpdate', minimumHealthyPercent: 50, maximumPercent: 150 });
  expect(planRollingUpdate(wide, rebalanced('ENABLED')).bounds).toEqual(bounds(50, 150));
});

test('what the settings say of the service reaches the live one, and a rollback takes it back', () => {
  const { blueSettings, green } = planRollingUpdate(
    request({}, ', service: { healthCheckGracePeriod: 10m }'),
    observed(inSlotA()),
  );
  expect(green.service.settings.healthCheckGracePeriodSeconds).toBe(600);
  expect(blueSettings).toEqual(inSlotA().slots[0]?.service?.settings);
});

test('a launch type that a service can’t get is refused, with the strategy that can', () => {
  const { liveListener } = inSlotA();
  const [a] = inSlotA().slots;
  const service = { ...a!.service!, settings: { launchType: 'FARGATE' as const } };
  const roll = () =>
    planRollingUpdate(
      request({}, ', service: { launchType: EC2 }'),
      observed({ liveListener, slots: [{ ...a!, service }] }),
    );
  expect(roll).toThrow(/can't get the launch type EC2.*with the strategy blueGreen/);
});
