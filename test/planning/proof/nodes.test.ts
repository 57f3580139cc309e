import { countingAnswers, familyWithoutRoute, silentAddress } from '../../../planning/proof/nodes';

const answered = (address: string, status: number | null = 200, code?: string) => ({
  address,
  answer: { status, text: '', ...(code !== undefined && { code }) },
});

test('a family to which the worker has no route is left out, where the other has one', () => {
  const answers = [answered('10.0.0.1'), answered('2001:db8::1', null, 'ENETUNREACH')];
  expect(familyWithoutRoute(answers)).toBe('ipv6');
  expect(countingAnswers(answers, ['10.0.0.1', '2001:db8::1'], 'ipv6')).toEqual([answers[0]]);
  const dualstackWithoutPublicIpv4 = [answered('10.0.0.1', null, 'EHOSTUNREACH'), answered('2001:db8::1')];
  expect(familyWithoutRoute(dualstackWithoutPublicIpv4)).toBe('ipv4');
});

test('an address that refuses, or says nothing, has a route: its node counts', () => {
  expect(familyWithoutRoute([answered('10.0.0.1'), answered('2001:db8::1', null, 'ECONNREFUSED')])).toBeUndefined();
});

test('without any route nothing is left out, so that it fails', () => {
  const none = [answered('10.0.0.1', null, 'ENETUNREACH'), answered('2001:db8::1', null, 'ENETUNREACH')];
  expect(familyWithoutRoute(none)).toBeUndefined();
  expect(familyWithoutRoute([none[0]!])).toBeUndefined();
});

test('silence of an address that the name no longer has is no failure; of one that it has, it is', () => {
  const answers = [answered('10.0.0.1'), answered('10.0.0.2', null), answered('10.0.0.3', null)];
  expect(countingAnswers(answers, ['10.0.0.1', '10.0.0.3'], undefined)).toEqual([answers[0], answers[2]]);
});

test('a node that answers nobody is found, unless none does', () => {
  const half = [answered('10.0.0.1'), answered('10.0.0.1', null), answered('10.0.0.2', null)];
  expect(silentAddress(half)).toBe('10.0.0.2');
  expect(silentAddress(half.slice(0, 2))).toBeUndefined();
  expect(silentAddress([answered('10.0.0.1', null)])).toBeUndefined();
});
