/** Every time that somebody gives is finite and has bounds: settings, inputs and flags read them by one function. */
import fc from 'fast-check';
import ms from 'ms';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { durationBetween } from '../../settings/durations';

const root = join(__dirname, '../..');
const month = ms('30d');
const sources = ['activities', 'client', 'contract', 'hooks', 'planning', 'settings', 'temporal', 'worker', 'workflows']
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' }).map((file) => join(folder, file)),
  )
  .filter((file) => file.endsWith('.ts'))
  .map((file) => ({ file, text: readFileSync(join(root, file), 'utf8') }));

const digits = fc.stringMatching(/^\d{1,200}$/);
const hostile = fc.oneof(
  fc.constantFrom(
    '999999999d',
    '999999999 days',
    '1e999',
    '1e9d',
    '-1s',
    'NaNs',
    'Infinity',
    '.',
    '.d',
    '',
    ' 1s',
    '1s\n',
  ),
  fc.tuple(digits, fc.constantFrom('ms', 's', 'm', 'h', 'd', ' d', 'y', 'w', '')).map((parts) => parts.join('')),
  fc.tuple(digits, digits, fc.constantFrom('ms', 'd')).map(([whole, rest, unit]) => `${whole}.${rest}${unit}`),
  fc.string({ unit: 'binary' }),
  fc.anything(),
);

test('whatever is given is a time within the bounds, or gets a sentence', () => {
  fc.assert(
    fc.property(hostile, (given) => {
      const { data, error } = durationBetween('1s', '7d').safeParse(given);
      if (error) expect(error.issues[0]?.message).toMatch(/^expected a duration /);
      else expect(data >= 1_000 && data <= ms('7d')).toBe(true);
    }),
    { numRuns: 3_000 },
  );
});

test('no bound is further away than a month, and nobody reads times in another way', () => {
  const bounds = sources.flatMap(({ text }) =>
    [...text.matchAll(/durationBetween\('([^']+)', '([^']+)'\)/g)].map(([, from, to]) => [
      ms(from as '1s'),
      ms(to as '1s'),
    ]),
  );
  expect(bounds.length).toBeGreaterThan(15);
  expect(bounds.filter(([from = NaN, to = NaN]) => !(from >= 0 && from < to && to <= month))).toEqual([]);
  expect(sources.flatMap(({ file, text }) => (/from 'ms'/.test(text) ? [file] : []))).toEqual([
    'settings/durations.ts',
  ]);
});
