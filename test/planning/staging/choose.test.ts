/** Which versions are staged, and when a command has had its effect. */
import { chooseVersions, findEnvironment, findMarked, isDone } from '../../../planning/staging/choose';

const listed = (name: string, more: object = {}) => ({
  name,
  key: `key-of-${name}`,
  baseVersionKey: `${name}-1.5`,
  isModified: false,
  deploymentZoneKey: '',
  ...more,
});
const development = [listed('Orders'), listed('Billing'), listed('Untagged', { baseVersionKey: '' })];

test('an application keeps the deployment zone that it has there, and a new one comes into that of the settings', () => {
  const there = [listed('Orders', { baseVersionKey: 'Orders-1.4', deploymentZoneKey: 'containers' })];
  expect(chooseVersions(['orders', 'Billing'], development, there, 'new-ones')).toEqual({
    operations: [
      { name: 'Orders', applicationKey: 'key-of-Orders', versionKey: 'Orders-1.5', deploymentZoneKey: 'containers' },
      { name: 'Billing', applicationKey: 'key-of-Billing', versionKey: 'Billing-1.5', deploymentZoneKey: 'new-ones' },
    ],
    notes: [],
  });
});

test('what is there already is left out, unless it was changed there; what was changed since its tag is told', () => {
  const changed = [listed('Orders', { isModified: true })];
  expect(chooseVersions(['Orders'], development, [listed('Orders')])).toEqual({
    operations: [],
    notes: ['Orders is there already in this version.'],
  });
  expect(chooseVersions(['Orders'], development, changed)).toMatchObject({
    operations: [{ name: 'Orders' }],
    notes: [],
  });
  expect(chooseVersions(['Orders', 'ORDERS'], changed, [])).toMatchObject({
    operations: [{ name: 'Orders' }],
    notes: [expect.stringContaining('changed since its last tag')],
  });
});

test.each([
  ['Nothing', /has no application Nothing.*Billing, Orders/],
  ['Untagged', /Untagged has no version.*tag one/],
])('%s can’t be staged, and one sentence says why', (name, why) => {
  expect(chooseVersions([name], development, [])).toMatch(why);
});

test('an environment is found without case, and one that isn’t there is told with those that are', () => {
  const environments = [{ name: 'Production', key: 'p' }];
  expect(findEnvironment('production', environments)).toEqual({ name: 'Production', key: 'p' });
  expect(findEnvironment('Test', environments)).toBe('LifeTime has no environment Test: it has Production.');
  expect(findEnvironment('Test', [])).toContain('none that this token may see');
});

test('a deployment is found by its marker wherever it stands in the notes', () => {
  const all = [
    { key: 'other', notes: 'Staged (cutover stage:production run-2)' },
    { key: 'ours', notes: 'Release 12 (cutover stage:production run-1)' },
  ];
  expect(findMarked('(cutover stage:production run-1)', all)).toBe('ours');
  expect(findMarked('(cutover stage:production run-3)', all)).toBeUndefined();
});

test.each([
  ['start', 'saved', false, false, false],
  ['start', 'running', true, false, true],
  ['start', 'finished_with_errors', true, false, true],
  ['continue', 'needs_user_intervention', false, true, false],
  ['continue', 'needs_user_intervention', true, false, false],
  ['continue', 'needs_user_intervention', true, true, true],
  ['continue', 'running', false, false, true],
  ['abort', 'needs_user_intervention', true, true, false],
  ['abort', 'aborting', true, false, true],
  ['abort', 'finished_successful', false, false, true],
] as const)(
  '%s of a deployment that is %s, sent before %s, moved %s: done %s',
  (command, state, again, moved, done) => {
    expect(isDone(command, state, { again, moved })).toBe(done);
  },
);
