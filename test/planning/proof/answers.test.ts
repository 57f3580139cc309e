import { explainAnswer, judgeAnswer, releaseAnswerOf, type ExpectedReleases } from '../../../planning/proof/answers';

const answered = (status: number | null, text = '') => ({ status, text });
const toGreen: ExpectedReleases = { blue: { '/Orders': 'blue' }, green: { '/Orders': 'green' }, expected: 'green' };
const judge = (releases: Partial<ExpectedReleases>, status: number | null, text?: string) =>
  judgeAnswer('/Orders', answered(status, text), { ...toGreen, ...releases });

test.each([302, 401, 403])('where HTTP %p was answered before the cut, it proves nothing after it', (guard) => {
  const blue = { '/Orders': releaseAnswerOf(answered(guard)) };
  expect(judge({ blue }, guard)).toBe('guarded');
  expect(judge({ blue, expected: 'blue' }, guard)).toBe('guarded');
});

test('a login that goes with the cut is asked for the marker, and only green may answer', () => {
  const blue = { '/Orders': { guard: 302 } };
  expect(judge({ blue }, 200, 'green\n')).toBe('right');
  expect(judge({ blue }, 200, 'blue')).toBe('wrong');
  expect(judge({ blue }, 404)).toBe('wrong');
});

test('a login that was not there before is wrong, unless the plan has put it there', () => {
  expect(judge({}, 302)).toBe('wrong');
  expect(judge({ behindLogin: ['/Orders'] }, 302)).toBe('guarded');
  expect(judge({ behindLogin: ['/Others'] }, 403)).toBe('wrong');
});

test('at a removal the containers were behind the login, and the Platform Server is too', () => {
  expect(judge({ blue: { '/Orders': null }, green: { '/Orders': { guard: 302 } }, expected: 'blue' }, 302)).toBe(
    'guarded',
  );
});

test('where both releases answer the same, or nothing, the health page must answer', () => {
  const same = { blue: { '/Orders': 'one' }, green: { '/Orders': 'one' } };
  expect([judge(same, 200, 'OK'), judge(same, 503), judge(same, null)]).toEqual(['right', 'wrong', 'wrong']);
});

test('an answer of a firewall says who gave it', () => {
  expect(explainAnswer({ ...answered(403), server: 'awselb/2.0' })).toMatch(/AWS WAF: let the worker through/);
  expect(explainAnswer({ ...answered(403), server: 'Microsoft-IIS/10.0' })).toBe('');
  expect(explainAnswer({ ...answered(502), server: 'awselb/2.0' })).toBe('');
});
