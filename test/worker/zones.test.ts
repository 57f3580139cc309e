/** Zones with workers of their own: what is taken, and what is handed on. */
import { checkZones, zoneOfActivity } from '../../worker/zones';
import { parseSettings } from '../../settings/load';
import { zone } from '../settings/minimal';

const known = ['production', 'test'];

test.each([
  ['production/Orders', [], 'production'],
  ['production/test', [{ zone: 'test' }], 'production'],
  ['turns:test', [[{ workflowId: 'production/Orders' }]], 'test'],
  ['audit/test', [], 'test'],
  ['news/test', [], 'test'],
  ['countersign/test/Orders/run-1', [], 'test'],
  ['warm/test/Orders/run-1', [], 'test'],
  ['hook/ContainerRun/1_2', ['ContainerRun', { zone: 'test' }], 'test'],
  ['hook/ContainerRun/1_2', ['test', 1_764_000_000_000], 'test'],
  ['', [{ kind: 'live', zone: 'test', application: 'Orders' }], 'test'],
  ['elsewhere/Orders', [null, 7, {}], undefined],
])('the work of %s, given %j, is of zone %s', (workflowId, given, its) =>
  expect(zoneOfActivity(workflowId, given, known)).toBe(its),
);

describe('a worker', () => {
  const shared = parseSettings(zone, 'cutover.yaml');
  const apart = parseSettings(`${zone}    ownWorkers: true\n`, 'cutover.yaml');

  test('takes every kind of work, and for a zone all but workflows', () => {
    expect(checkZones(shared, undefined, undefined)).toContain('workflows');
    expect(checkZones(apart, undefined, ['production'])).toEqual(['aws', 'waits', 'questions', 'files', 'builds']);
    expect(checkZones(apart, ['builds'], ['production'])).toEqual(['builds']);
  });

  test.each([
    [apart, undefined, ['elsewhere'], 'There is no zone elsewhere in the settings, which know production.'],
    [shared, undefined, ['production'], /has no workers of its own: set zones.production.ownWorkers to true/],
    [apart, ['workflows'], ['production'], /Workflows belong to no zone/],
  ] as const)('refuses what nobody would ask it for', (settings, kinds, zones, sentence) =>
    expect(() => checkZones(settings, kinds, zones)).toThrow(sentence),
  );
});
