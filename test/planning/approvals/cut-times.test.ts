/** When a cut may begin, in the time zone of whoever wrote it. */
import fc from 'fast-check';
import { cutTimeAt } from '../../../planning/approvals/cut-times';
import { approvals } from '../../../settings/approvals/policy';

const times = (given: Record<string, unknown>) => approvals.parse(given);
const at = (iso: string) => Date.parse(iso);
const office = times({
  windows: [{ days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '08:00', to: '17:00', timeZone: 'Europe/Lisbon' }],
});

test.each([
  ['on Friday afternoon before five', '2026-11-27T16:59:00Z', true],
  ['on Friday at five', '2026-11-27T17:00:00Z', false],
  ['on a Saturday', '2026-11-28T12:00:00Z', false],
  ['in summer at seven by UTC, which is eight there', '2026-07-01T07:00:00Z', true],
  ['in summer at five to seven by UTC', '2026-07-01T06:55:00Z', false],
])('%s', (_name, iso, open) => {
  expect(cutTimeAt(office, at(iso)).open).toBe(open);
});

test('what is closed on a Friday evening opens on Monday, or once a freeze is over', () => {
  const friday = at('2026-11-27T18:00:00Z');
  expect(cutTimeAt(office, friday)).toMatchObject({ opensAt: at('2026-11-30T08:00:00Z') });
  const freeze = [{ from: '2026-11-28', to: '2026-12-02', reason: 'sale', timeZone: 'Europe/Lisbon' }];
  expect(cutTimeAt({ ...office, freeze }, friday)).toMatchObject({ opensAt: at('2026-12-03T08:00:00Z') });
  expect(cutTimeAt(times({ freeze }), at('2026-12-02T12:00:00Z'))).toMatchObject({
    open: false,
    opensAt: at('2026-12-03T00:00:00Z'),
    why: expect.stringContaining('sale'),
  });
});

test('a window over midnight is of the day on which it begins', () => {
  const night = times({ windows: [{ days: ['fri'], from: '22:00', to: '04:00' }] });
  expect(cutTimeAt(night, at('2026-11-28T03:59:00Z')).open).toBe(true);
  expect(cutTimeAt(night, at('2026-11-28T04:00:00Z')).open).toBe(false);
  expect(cutTimeAt(night, at('2026-11-27T03:00:00Z')).open).toBe(false);
});

test('the days are those of the time zone, and a freeze holds to the end of its last one', () => {
  const freeze = [{ from: '2026-12-24', to: '2026-12-26', reason: 'Christmas', timeZone: 'America/New_York' }];
  expect(cutTimeAt(times({ freeze }), at('2026-12-24T04:59:00Z')).open).toBe(true);
  expect(cutTimeAt(times({ freeze }), at('2026-12-24T05:00:00Z')).open).toBe(false);
  expect(cutTimeAt(times({ freeze }), at('2026-12-27T04:59:00Z')).open).toBe(false);
  expect(cutTimeAt(times({ freeze }), at('2026-12-27T05:00:00Z')).open).toBe(true);
});

test('what is said to open does', () => {
  const zones = ['UTC', 'Europe/Lisbon', 'America/New_York', 'Asia/Kathmandu', 'Pacific/Auckland'];
  const clock = fc
    .integer({ min: 0, max: 1439 })
    .map((m) => `${`${Math.floor(m / 60)}`.padStart(2, '0')}:${`${m % 60}`.padStart(2, '0')}`);
  const window = fc.record({ from: clock, to: clock, timeZone: fc.constantFrom(...zones) });
  fc.assert(
    fc.property(window, fc.integer({ min: at('2026-01-01'), max: at('2027-12-31') }), (given, now) => {
      const own = times({ windows: [given] });
      const time = cutTimeAt(own, now);
      if (time.open || time.opensAt === null) return;
      expect(time.opensAt).toBeGreaterThan(now);
      expect(cutTimeAt(own, time.opensAt).open).toBe(true);
    }),
    { numRuns: 60 },
  );
});
