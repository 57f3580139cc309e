import { findEarlierRelease, findPrevious, findUndoable } from '../../../planning/plans/undo';
import { planByStrategy } from '../../../planning/plans/by-strategy';
import { labelsOf } from '../../../planning/release/release';
import type { SlotBlue } from '../../../planning/observed/blue';
import type { Observed } from '../../../planning/observed/observed';
import { inSlotA, observed, orders, release, request, slot, zoneSettings } from '../zone';

const found = observed(inSlotA());
const blue = findUndoable(orders, found);
const record = (previous: string | null) => ({
  runId: 'run-0',
  strategy: 'blueGreen',
  by: null,
  reason: null,
  previous,
});
const definition = (version: string, previous: string | null) => ({
  containerDefinitions: [
    { name: 'sidecar', image: 'agent:1' },
    {
      name: 'application',
      image: release(version, ['Orders']).reference,
      dockerLabels: { ...labelsOf(release(version, ['Orders']), record(previous)) },
    },
  ],
});

describe('an undo is refused', () => {
  test('while the Platform Server serves: there is nothing in containers to undo', () => {
    expect(() => findUndoable(orders, observed())).toThrow(/served by the Platform Server: there is no release/);
  });

  test.each([
    ['the first release', { taskDefinition: definition('1.0.0', null), returnedAfter: undefined }],
    ['one that came back when nothing served', { taskDefinition: definition('1.0.0', 'd:1'), returnedAfter: '' }],
    ['one whose task definition is gone', { taskDefinition: undefined, returnedAfter: undefined }],
  ])('of %s, for none was before it', (_, recorded) => {
    expect(() => findPrevious(orders, blue, recorded)).toThrow(/no release of Orders before orders:1\.0\.0/);
  });

  test('to a task definition that nobody can read any more', () => {
    expect(() => findEarlierRelease(zoneSettings(), blue, 'd:1', undefined)).toThrow(
      /before orders:1\.0\.0, task definition d:1, can't be read any more/,
    );
  });

  test('to what another tool made, where it has no container that the load balancer could reach', () => {
    const theirs = { containerDefinitions: [{ name: 'agent', image: 'legacy:3' }] };
    expect(() => findEarlierRelease(zoneSettings(), blue, 'd:1', theirs)).toThrow(/can't be read any more/);
  });
});

test('a release that an undo brought back leads to what it took the place of, not to what was before it at first', () => {
  const taskDefinition = definition('1.0.0', 'd:1');
  expect(findPrevious(orders, blue, { taskDefinition, returnedAfter: undefined })).toBe('d:1');
  expect(findPrevious(orders, blue, { taskDefinition, returnedAfter: 'd:7' })).toBe('d:7');
});

test('what an application was adopted with comes back with the modules that serve now', () => {
  const theirs = { containerDefinitions: [{ name: 'application', image: 'legacy@sha256:07' }] };
  expect(findEarlierRelease(zoneSettings(), blue, 'd:1', theirs)).toMatchObject({
    release: { image: 'legacy@sha256:07', digest: 'sha256:07', modules: ['Orders'], configuration: null },
    earlier: theirs,
  });
  const unknown: SlotBlue = { ...blue, release: null };
  expect(() => findEarlierRelease(zoneSettings(), unknown, 'd:1', theirs)).toThrow(/before what serves, task def/);
});

test('the release before is deployed as it was, by the strategy that is asked for', () => {
  const before = findEarlierRelease(zoneSettings(), blue, 'd:1', definition('0.9.0', null));
  for (const strategy of ['blueGreen', 'rollingUpdate'] as const) {
    const planned = planByStrategy(request({ strategy }), { ...found, ...before });
    expect(planned).toMatchObject({ strategy, plan: { release: { version: '0.9.0' }, options: { strategy } } });
    const [sidecar, application] = planned.plan.taskDefinition.containerDefinitions ?? [];
    expect(sidecar).toEqual({ name: 'sidecar', image: 'agent:1' });
    expect(application?.dockerLabels?.['io.cutover.previous']).toBe('definition-a');
  }
});

describe('an undo to an image that the registry has forgotten', () => {
  const before = findEarlierRelease(zoneSettings(), blue, 'd:1', definition('0.9.0', null));
  const earlier = { ...before.earlier, taskDefinitionArn: 'd:1' };
  const warm = (runningCount: number) => ({
    slots: [
      slot('a', { release: release('1.0.0', ['Orders']) }),
      slot('b', { taskDefinitionArn: 'd:1', desiredCount: 3, runningCount }),
    ],
  });
  const planned = (more: Partial<Observed>, strategy: 'blueGreen' | 'rollingUpdate' = 'blueGreen') =>
    planByStrategy(request({ strategy }), { ...found, ...before, earlier, forgotten: true, ...more });

  test.each(['blueGreen', 'rollingUpdate'] as const)('is refused before anything changes, by %s', (strategy) => {
    expect(() => planned({}, strategy)).toThrow(
      'The image orders:0.9.0 is gone from its registry (registry/orders@sha256:0.9.0), so no replica of it could start: push it again with that digest, or deploy another image. Nothing was changed.',
    );
  });

  test('goes to replicas that were kept warm, which need none, and the plan says so', () => {
    expect(planned(warm(3)).plan.forgotten).toMatch(/orders:0\.9\.0 is gone .* none can be replaced\.$/);
    expect(planned({ ...warm(3), forgotten: false }).plan.forgotten).toBeUndefined();
    expect(() => planned(warm(2))).toThrow(/is gone from its registry/);
  });
});
