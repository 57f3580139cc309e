import fc from 'fast-check';
import { differences } from '../../../planning/preview/differences';

const container = (more: object) => ({ containerDefinitions: [{ name: 'application', ...more }] });

test.each([
  [
    'another image',
    container({ image: 'b' }),
    container({ image: 'a' }),
    ['containerDefinitions.application.image: "a" → "b"'],
  ],
  [
    'a variable that is new, one that changed, one that goes',
    container({
      environment: [
        { name: 'KEPT', value: '2' },
        { name: 'NEW', value: '3' },
      ],
    }),
    container({
      environment: [
        { name: 'KEPT', value: '1' },
        { name: 'OLD', value: '0' },
      ],
    }),
    [
      '- containerDefinitions.application.environment.OLD',
      'containerDefinitions.application.environment.KEPT.value: "1" → "2"',
      'containerDefinitions.application.environment.NEW.value: none → "3"',
    ],
  ],
  ['what AWS adds by itself', { cpu: '256' }, { cpu: '256', revision: 7, status: 'ACTIVE' }, []],
  ['a list that got shorter', { subnets: ['a'] }, { subnets: ['a', 'b'] }, ['subnets: 2 → 1 entries']],
])('%s', (_, wanted, there, lines) => {
  expect(differences(wanted, there)).toEqual(lines);
});

test('nothing differs from itself', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
      expect(differences(value, value)).toEqual([]);
    }),
  );
});
