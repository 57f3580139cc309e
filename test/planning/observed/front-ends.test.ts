/** Who is the Platform Server under another name: as an instance here, and by an address there. */
import { compareFrontEnds, instancesToCompare } from '../../../planning/observed/front-ends';

const [one, two] = ['i-0123456789abcdef0', 'i-0fedcba9876543210'];
const addresses = new Map([
  [one, ['10.0.0.4', 'fd00::4']],
  [two, ['10.0.0.5']],
]);

test.each<[string, string[], string[]]>([
  ['both by instances', [one], [two, one]],
  ['both by addresses', ['10.0.0.4'], ['10.0.0.9', '10.0.0.4']],
  ['instances here, addresses there', [one, two], ['10.0.0.5']],
  ['addresses here, instances there', ['fd00::4'], [one]],
])('a front end in both groups is known: %s', (_, own, theirs) => {
  expect(compareFrontEnds(own, { group: theirs }, addresses)).toEqual({ sameFrontEnds: ['group'] });
});

test('other servers are others, and nothing is asked for what IDs alone decide', () => {
  expect(compareFrontEnds([one], { group: ['10.0.0.9'] }, addresses)).toEqual({});
  expect(instancesToCompare([one], { group: [two] })).toEqual([]);
  expect(instancesToCompare(['10.0.0.4'], { group: ['10.0.0.9'] })).toEqual([]);
  expect(instancesToCompare([one], { same: [one, '10.0.0.9'], empty: [] })).toEqual([]);
  expect(instancesToCompare([one], { group: ['10.0.0.9'], more: ['10.0.0.8'] })).toEqual([one]);
  expect(instancesToCompare(['10.0.0.4'], { group: [two] })).toEqual([two]);
});

test('without the instances’ addresses nobody can tell', () => {
  const others = { addresses: ['10.0.0.4'], instances: [two] };
  expect(compareFrontEnds([one], others, new Map())).toEqual({ unknownFrontEnds: ['addresses'] });
  expect(compareFrontEnds([one, two], others, new Map([[one, ['10.0.0.4']]]))).toEqual({
    sameFrontEnds: ['addresses', 'instances'],
  });
});
