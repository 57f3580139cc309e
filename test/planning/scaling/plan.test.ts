/** How Service Auto Scaling moves with the traffic, decided. */
import { planBlueGreen } from '../../../planning/plans/deployment';
import { planRollingUpdate } from '../../../planning/plans/rolling-update';
import { previewDeployment } from '../../../planning/preview/deployment';
import { findLeftovers } from '../../../planning/findings/leftovers';
import { allSuspended, movedTo, type Scaling } from '../../../planning/scaling/scaling';
import { inSlotA, observed, orders, request, scaling, scaledInSlotA, slot } from '../zone';

const held = { ...scaling.suspended, DynamicScalingInSuspended: true };
const plan = (a: Scaling | null, b: Scaling | null = null) =>
  planBlueGreen(
    request(),
    observed({
      ...inSlotA(['Orders', 'OrdersAPI']),
      slots: [slot('a', a ? { scaling: a } : {}), slot('b', { desiredCount: 0, ...(b && { scaling: b }) })],
    }),
  ).scaling;

test('where nothing is scaled, a plan says nothing of it', () => expect(plan(null)).toBeUndefined());

test('green is to be scaled as blue is, and a rolling update leaves that as it is', () => {
  expect(plan(scaling)).toEqual({
    blue: { service: 'service-a', suspended: scaling.suspended },
    green: scaling,
  });
  expect(planRollingUpdate(request({ strategy: 'rollingUpdate' }), observed(scaledInSlotA())).scaling).toEqual({
    blue: { service: 'service-a', suspended: scaling.suspended },
  });
});

test.each<[string, Scaling, Scaling]>([
  ['before the cut', scaling, { ...scaling, suspended: allSuspended }],
  ['once blue was not scaled in any more', { ...scaling, suspended: held }, { ...scaling, suspended: allSuspended }],
  ['after the cut', { ...scaling, suspended: allSuspended }, { ...scaling, suspended: held }],
  ['in the bake', { ...scaling, minimum: 3 }, { ...scaling, suspended: held }],
  ['in its rollback', scaling, { ...scaling, minimum: 3 }],
])('what a run left that was terminated %s is settled as its owner had it', (_when, serving, idle) => {
  const settled = { minimum: scaling.minimum, suspended: scaling.suspended };
  expect(plan(serving, idle)).toEqual({
    idle: ['service-b'],
    blue: { service: 'service-a', suspended: scaling.suspended, settled },
    green: scaling,
  });
});

test('what its owner had suspended stays so, though a run was terminated', () => {
  const all = { ...scaling, suspended: allSuspended };
  expect(plan(all, all)?.blue?.settled?.suspended).toEqual(allSuspended);
});

test('an idle slot is never left with a scalable target, whatever serves', () => {
  expect(plan(null, scaling)).toEqual({ idle: ['service-b'] });
  expect(planBlueGreen(request(), observed({ slots: [slot('a', { scaling }), slot('b')] })).scaling).toEqual({
    idle: ['service-a'],
  });
});

const steps = { name: 'busy', type: 'StepScaling', step: { AdjustmentType: 'ChangeInCapacity' as const } };
const stepping = { ...scaling, policies: [...scaling.policies, steps] };

test('a step policy goes with the traffic, and what a terminated run left calls what serves again', () => {
  expect(plan(stepping)?.green?.policies).toEqual(stepping.policies);
  expect(plan(stepping)?.alarmed).toBeUndefined();
  expect(plan(stepping, { ...stepping, suspended: allSuspended })?.alarmed).toEqual(['service-b']);
});

test('a predictive policy can’t scale a twin: it is refused by name, and left out where all is suspended', () => {
  const other = { ...scaling, policies: [...scaling.policies, { name: 'busy', type: 'PredictiveScaling' }] };
  expect(() => plan(other)).toThrow(
    /service-a has the scaling policy busy \(PredictiveScaling\), which forecasts from that service's own history.*rollingUpdate/,
  );
  const suspended = plan({ ...other, suspended: allSuspended });
  expect(suspended).toMatchObject({ left: ['busy'], green: { policies: scaling.policies, suspended: allSuspended } });
  const rolled = observed({
    ...scaledInSlotA(),
    slots: [slot('a', { scaling: other }), slot('b', { desiredCount: 0 })],
  });
  expect(() => planRollingUpdate(request({ strategy: 'rollingUpdate' }), rolled)).not.toThrow();
});

test('a policy counts the requests of green’s own target group, and a metric is that of its service', () => {
  const arn = (name: string) => `arn:aws:elasticloadbalancing:eu-west-1:1:targetgroup/${name}`;
  // The second is behind an internal load balancer; no rule of a third leads to blue yet.
  const blue = { service: 'crm-a', targetGroupArns: [arn('crm-a/0a'), arn('crm-a-i/1a'), null] };
  const green = { service: 'crm-b', targetGroupArns: [arn('crm-b/0b'), arn('crm-b-i/1b'), arn('crm-b-j/2b')] };
  const dimensions = [
    { Name: 'ServiceName', Value: 'crm-a' },
    { Name: 'TargetGroup', Value: 'targetgroup/crm-a-i/1a' },
    { Name: 'ClusterName', Value: 'crm-a-cluster' },
  ];
  const label = 'app/main/12/targetgroup/crm-a/0a';
  const found = { TargetValue: 5, PredefinedMetricSpecification: { ResourceLabel: label }, Dimensions: dimensions };
  expect(movedTo(found, blue, green)).toEqual({
    TargetValue: 5,
    PredefinedMetricSpecification: { ResourceLabel: 'app/main/12/targetgroup/crm-b/0b' },
    Dimensions: [
      { Name: 'ServiceName', Value: 'crm-b' },
      { Name: 'TargetGroup', Value: 'targetgroup/crm-b-i/1b' },
      { Name: 'ClusterName', Value: 'crm-a-cluster' },
    ],
  });
  expect(movedTo(movedTo(found, blue, green), green, blue)).toEqual(found);
});

test('plan shows what becomes of each scalable target', () => {
  const seen = observed({
    ...scaledInSlotA(),
    slots: [slot('a', { scaling }), slot('b', { desiredCount: 0, scaling: { ...scaling, minimum: 3 } })],
  });
  const loadBalancers = [{ rules: 1, rulesLimit: 100, targetGroups: 1, targetGroupsLimit: 100, certificates: 0 }];
  const { changes } = previewDeployment(planBlueGreen(request(), seen), {
    observed: seen,
    blueTaskDefinition: undefined,
    loadBalancers: loadBalancers as never,
  });
  expect(changes.filter(({ what }) => what === 'scalable target')).toEqual([
    {
      action: 'delete',
      what: 'scalable target',
      name: 'service-b',
      details: [expect.stringMatching(/nobody is served/)],
    },
    {
      action: 'change',
      what: 'scalable target',
      name: 'service-a',
      details: ['from 2 tasks on, as before a deployment that was terminated'],
    },
    {
      action: 'create',
      what: 'scalable target',
      name: expect.stringMatching(/^Orders-.*-b$/),
      details: [
        '2 to 8 tasks, at least as many as blue had until the bake is over',
        'policy requests',
        'scheduled action mornings, cron(0 8 * * ? *)',
      ],
    },
    { action: 'delete', what: 'scalable target', name: 'service-a', details: [expect.stringMatching(/once the bake/)] },
  ]);
});

test('doctor finds a scalable target that nobody is served by', () => {
  const { liveListener, testListener } = observed(inSlotA());
  const slots = [slot('a', { scaling }), slot('b', { desiredCount: 0, scaling })];
  expect(findLeftovers(orders, { liveListener, testListener, slots }).map(({ says }) => says)).toEqual([
    'service-b has a scalable target without live traffic, which may bring it back',
  ]);
});
