import { planRetirement } from '../../../planning/plans/retirement';
import { inSlotA, observed, release, request, slot } from '../zone';

const warm = { service: 'service-b', taskDefinition: 'definition-b' };
/** Slot a serves; b was kept warm as it was. */
const withWarm = (b = {}) =>
  observed({ ...inSlotA(), slots: [slot('a', { release: release('1.0.0', ['Orders']) }), slot('b', b)] });

describe('nothing is retired', () => {
  test.each([
    ['that serves', { service: 'service-a', taskDefinition: 'definition-a' }, withWarm()],
    ['that another deployment has used since', warm, withWarm({ taskDefinitionArn: 'definition-b:2' })],
    ['that runs no task any more', warm, withWarm({ desiredCount: 0 })],
    ['that is gone', warm, observed(inSlotA([]))],
  ])('%s', (_, replicas, found) => {
    expect(planRetirement(request(), found, replicas).service).toBeNull();
  });
});

test('replicas that were kept warm, and serve nobody, go; what serves stays recorded', () => {
  const plan = planRetirement(request(), withWarm(), warm);
  expect(plan).toMatchObject({
    service: 'service-b',
    targetGroupArn: 'group-b',
    live: { slot: 'a', version: '1.0.0' },
    release: { version: '1.0.0' },
    site: { runId: 'run-1' },
  });
});

test('while the Platform Server serves, replicas that are left in a slot are idle', () => {
  const plan = planRetirement(request(), observed({ slots: [slot('a'), slot('b', {})] }), warm);
  expect(plan).toMatchObject({ service: 'service-b', live: { servedBy: 'platform-server' } });
  expect(plan).not.toHaveProperty('release');
});
