/** Service Auto Scaling moves with the traffic, and comes back with it. */
import { allSuspended } from '../../planning/scaling/scaling';
import { observed, scaledInSlotA, scaling, slot } from '../planning/zone';
import { untilCancelled, type Script } from './scripted-activities';
import { openWorld, quick, type World } from './world';

// Concurrent tests begin before beforeAll would have ended.
const opening = openWorld();
afterAll(async () => (await opening).close());

const deploy: World['deploy'] = async (...given) => await (await opening).deploy(...given);
const unattended = { ...quick, approval: 'none' } as const;
const modules = ['Orders', 'OrdersAPI'];

/** What happens to scalable targets, and to traffic and capacity between it, each once. */
const order = (calls: readonly string[]) => [
  ...new Set(calls.filter((call) => /Scaling|^setRoute live|^setDesiredCount|^proveReleases/.test(call))),
];

test.concurrent(
  'green is scaled once it is proven to serve, and blue no more before it loses its replicas',
  async () => {
    // Somebody scaled blue out meanwhile.
    const grown: Script = { describeReplicas: () => ({ desiredCount: 5, runningCount: 5, stoppedTasks: [] }) };
    const deployment = await deploy(unattended, scaledInSlotA(modules), grown);
    expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
    const green = deployment.calls.find((call) => call.startsWith('makeScaling'))?.split(' ')[1] ?? '';
    expect(order(deployment.calls)).toEqual([
      `makeScaling ${green}`,
      'setScaling service-a but not in',
      `setDesiredCount ${green} 5`,
      'setRoute live green 100',
      'proveReleases green',
      `setScaling ${green} from 5`,
      `setScaling ${green} from 2`,
      'removeScaling service-a',
      'setDesiredCount service-a 0',
    ]);
  },
);

test.concurrent('on the way back blue is scaled as before, and green no more before it goes', async () => {
  const deployment = await deploy({ ...unattended, bake: '1h' }, scaledInSlotA(modules));
  await deployment.until(({ phase }) => phase === 'bake');
  await deployment.handle.signal('rollback', { by: 'Ana' });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  const { calls } = deployment;
  const green = calls.find((call) => call.startsWith('makeScaling'))?.split(' ')[1] ?? '';
  expect(order(calls.slice(calls.indexOf('setRoute live before')))).toEqual([
    'setRoute live before',
    'proveReleases blue',
    'setScaling service-a',
    `removeScaling ${green}`,
    `setDesiredCount ${green} 0`,
  ]);
});

test.concurrent('a deployment that never came to its cut touches no scaling', async () => {
  const script: Script = { waitForReplicas: untilCancelled };
  const deployment = await deploy({ ...unattended, onFailure: 'rollback' }, scaledInSlotA(modules), script);
  await deployment.until(({ phase }) => phase === 'start');
  await deployment.handle.signal('rollback', { by: 'Ana' });
  expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
  expect(deployment.calls.filter((call) => /Scaling/.test(call))).toEqual([]);
});

test.concurrent('what is kept warm is scaled no more, so that it stays as it is', async () => {
  const deployment = await deploy({ ...unattended, keepWarm: '1h' }, scaledInSlotA(modules));
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  expect(deployment.calls).toContain('removeScaling service-a');
});

test.concurrent(
  'a rolling update leaves the scaling of what serves alone, and settles what a terminated run left',
  async () => {
    const untouched = await deploy(unattended, scaledInSlotA(modules), {}, 'rollingUpdate');
    expect(await untouched.outcome()).toMatchObject({ outcome: 'completed' });
    expect(untouched.calls.filter((call) => /Scaling/.test(call))).toEqual([]);
    const left = {
      ...scaledInSlotA(modules),
      slots: [
        ...scaledInSlotA(modules).slots.slice(0, 1),
        slot('b', { desiredCount: 0, scaling: { ...scaling, suspended: allSuspended } }),
      ],
    };
    const settled = await deploy(unattended, observed(left), {}, 'rollingUpdate');
    expect(await settled.outcome()).toMatchObject({ outcome: 'completed' });
    expect(settled.calls.filter((call) => /Scaling/.test(call))).toEqual([
      'setScaling service-a from 2',
      'removeScaling service-b',
    ]);
  },
);

test.concurrent('a removal takes a scalable target away before it takes the replicas', async () => {
  const deployment = await deploy(
    { ...quick, image: undefined } as never,
    scaledInSlotA(modules),
    {},
    'removeApplication',
  );
  expect(await deployment.outcome()).toMatchObject({ outcome: 'completed' });
  const { calls } = deployment;
  expect(calls.indexOf('removeScaling service-a')).toBeGreaterThan(calls.indexOf('setRoute live gone'));
  expect(calls.indexOf('removeScaling service-a')).toBeLessThan(calls.indexOf('setDesiredCount service-a 0'));
});

test.concurrent(
  'alarms call green’s step policies once it is proven to serve, and blue’s on the way back',
  async () => {
    const step = { name: 'busy', type: 'StepScaling', step: { AdjustmentType: 'ChangeInCapacity' as const } };
    const from = observed(scaledInSlotA(modules));
    const steps = { ...scaling, policies: [step] };
    const slots = from.slots.map((one) =>
      one.slot === 'a' ? { ...one, service: one.service && { ...one.service, scaling: steps } } : one,
    );
    const deployment = await deploy({ ...unattended, bake: '1h' }, { ...from, slots });
    await deployment.until(({ phase }) => phase === 'bake');
    await deployment.handle.signal('rollback', { by: 'Ana' });
    expect(await deployment.outcome()).toMatchObject({ outcome: 'rolledBack' });
    const { calls } = deployment;
    const green = calls.find((call) => call.startsWith('makeScaling'))?.split(' ')[1] ?? '';
    expect(calls.filter((call) => /moveAlarms|removeScaling|proveReleases/.test(call))).toEqual([
      'proveReleases green',
      `moveAlarms service-a to ${green}`,
      'proveReleases blue',
      `moveAlarms ${green} to service-a`,
      `removeScaling ${green}`,
    ]);
  },
);
