import { judgeCounts } from '../../../planning/proof/request-counts';

const at = (minutes: number, seconds = 0) => Date.UTC(2026, 0, 1, 10, minutes, seconds);
const counts = (byMinute: Readonly<Record<number, number>>) =>
  new Map(Object.entries(byMinute).map(([minute, requests]) => [at(Number(minute)), requests]));

test('a whole minute after the cut in which only green was asked proves it', () => {
  const traffic = { left: counts({ 0: 70 }), reached: counts({ 0: 20, 1: 90 }) };
  expect(judgeCounts(traffic, at(0, 30), at(3))).toEqual({ kind: 'moved', minute: at(1), requests: 90 });
});

test('the minute of the cut proves nothing, and neither does one whose counts are still arriving', () => {
  const traffic = { left: counts({ 0: 70 }), reached: counts({ 0: 20, 1: 90 }) };
  expect(judgeCounts(traffic, at(0, 30), at(2, 59))).toEqual({ kind: 'unknown' });
});

test('blue that still gets requests in the newest minute is not proven, however many green gets', () => {
  const traffic = { left: counts({ 2: 1 }), reached: counts({ 1: 90, 2: 90 }) };
  expect(judgeCounts(traffic, at(0, 30), at(4))).toEqual({ kind: 'staying', minute: at(2), requests: 1 });
});

test('a straggler is forgiven once a later minute has none', () => {
  const traffic = { left: counts({ 1: 1 }), reached: counts({ 1: 90, 2: 90 }) };
  expect(judgeCounts(traffic, at(0, 30), at(4))).toMatchObject({ kind: 'moved', minute: at(2) });
});

test('when nobody asks for three minutes, nobody is there to be counted', () => {
  const nothing = { left: counts({}), reached: counts({}) };
  expect(judgeCounts(nothing, at(0, 30), at(4, 59))).toEqual({ kind: 'unknown' });
  expect(judgeCounts(nothing, at(0, 30), at(5))).toEqual({ kind: 'quiet' });
});

test('from a Platform Server, which serves others too, only what green gets counts', () => {
  const traffic = { left: null, reached: counts({ 1: 3 }) };
  expect(judgeCounts(traffic, at(0, 30), at(3))).toMatchObject({ kind: 'moved', requests: 3 });
});
