/** Tags of what exists already follow the settings, and what somebody else put there stays. */
import fc from 'fast-check';
import { formatTagChanges, isUnchanged, tagChanges, tagsAtCreation, type Tags } from '../../planning/tags';
import { tags as settingsTags } from '../../settings/tags';

/** What a resource bears once it has these changes. */
function changed(found: Tags, wanted: Tags): Tags {
  const { set, remove } = tagChanges(wanted, found);
  return { ...Object.fromEntries(Object.entries(found).filter(([key]) => !remove.includes(key))), ...set };
}

const shown = (tags: Tags): Tags => Object.fromEntries(Object.entries(tags).filter(([key]) => key !== 'cutover:tags'));

test('a tag that the settings named goes with them, one that they change is changed, and somebody else’s stays', () => {
  const made = { ...tagsAtCreation({ CostCentre: '1', Owner: 'ops' }), Team: 'web' };
  const now = changed(made, { CostCentre: '2' });
  expect(shown(now)).toEqual({ CostCentre: '2', Team: 'web' });
  expect(formatTagChanges(tagChanges({ CostCentre: '2' }, made))).toEqual(['- tag Owner', '+ tag CostCentre: 2']);
  expect(changed(now, {})).toEqual({ Team: 'web' });
});

test.each<[string, Tags, Tags, Tags]>([
  ['that was there before, as the settings want it', { Owner: 'ops' }, { Owner: 'ops' }, { Owner: 'ops' }],
  ['that nobody recorded, as from an earlier version', { Owner: 'ops', Team: 'a' }, {}, { Owner: 'ops', Team: 'a' }],
  ['whose value somebody changed since', { ...tagsAtCreation({ Owner: 'ops' }), Owner: 'web' }, {}, { Owner: 'web' }],
])('a tag %s is never taken away', (_, found, wanted, left) => {
  expect(shown(changed(changed(found, wanted), {}))).toEqual(left);
});

test('one that the settings overwrite is theirs from then on', () => {
  expect(changed(changed({ Owner: 'ops' }, { Owner: 'web' }), {})).toEqual({});
});

test.each<[Tags, Tags]>([
  [{ constructor: 'a' }, {}],
  [{ '/': '=' }, { '/=': '' }],
])('of %j none is left where %j is wanted: a key may be any word, and have an equals sign', (first, then) => {
  expect(shown(changed(tagsAtCreation(first), then))).toEqual(then);
});

test('cutover’s own tags are set and never removed, whatever the record says', () => {
  const own = { 'cutover:zone': 'production', 'cutover:route': 'live' };
  expect(tagsAtCreation(own)).toEqual(own);
  expect(changed({ ...tagsAtCreation({ Owner: 'ops' }), ...own }, {})).toEqual(own);
});

const tags = fc.dictionary(
  fc.stringMatching(/^[A-Za-z0-9 _.:/=+@-]{1,12}$/),
  fc.stringMatching(/^[A-Za-z0-9=]{0,8}$/),
  {
    maxKeys: 40,
  },
);

test('what is wanted is there in the end, nothing that is not recorded goes, and again changes nothing', () => {
  fc.assert(
    fc.property(tags, tags, tags, (foreign, first, then) => {
      fc.pre([foreign, first, then].every((one) => settingsTags.safeParse(one).success));
      const once = changed(foreign, first);
      const twice = changed(once, then);
      const overwritten = Object.keys(first).filter((key) => foreign[key] !== first[key]);
      const kept = Object.fromEntries(Object.entries(foreign).filter(([key]) => !overwritten.includes(key)));
      expect(shown(twice)).toEqual({ ...kept, ...then });
      expect(isUnchanged(tagChanges(then, twice))).toBe(true);
      // AWS takes no longer value.
      expect((twice['cutover:tags'] ?? '').length).toBeLessThanOrEqual(256);
    }),
  );
});
