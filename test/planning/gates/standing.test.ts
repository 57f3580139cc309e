/** A gate fails a deployment only after it has failed without a break for as long as it says. */
import { judgeAlarms, type AlarmState } from '../../../planning/gates/alarms';
import { judgeJson, judgePrometheus } from '../../../planning/gates/answers';
import type { Reading } from '../../../planning/gates/reading';
import { accept, asksAbout, standingAfter, whyFailed, type GateStanding } from '../../../planning/gates/standing';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 29, 12, 0, seconds)).toISOString();
const own = { failAfter: 60_000, missing: 'passes' } as const;
const fails: Reading = { verdict: 'fails', says: '7, allowed at most 5' };
const passes: Reading = { verdict: 'passes', says: '3, allowed at most 5' };
const nothing: Reading = { verdict: 'missing', says: 'no answer' };

/** A look every ten seconds. */
const after = (readings: readonly Reading[], gate: Parameters<typeof standingAfter>[0]['gate'] = own) =>
  readings.reduce<GateStanding | undefined>(
    (before, reading, look) => standingAfter({ name: 'cpu', gate }, reading, before, at(look * 10)),
    undefined,
  ) as GateStanding;
const failed = (standing: GateStanding, seconds: number, gate: object = own) =>
  whyFailed([standing], { cpu: { ...own, ...gate } }, Date.parse(at(seconds)));

test('it must fail without a break', () => {
  const broken = after([fails, fails, passes, fails]);
  expect(broken.failingSince).toBe(at(30));
  expect(failed(broken, 89)).toBeUndefined();
  expect(failed(broken, 90)).toBe('Gate cpu failed for 1m: 7, allowed at most 5.');
  const whole = after([fails, fails, fails, fails, fails, fails, fails]);
  expect(failed(whole, 60)).toBe('Gate cpu failed for 1m: 7, allowed at most 5.');
  expect(failed(after([fails]), 0, { failAfter: 0 })).toBe('Gate cpu failed: 7, allowed at most 5.');
});

test('what nobody answers means what the gate says', () => {
  expect(after([fails, nothing]).failingSince).toBeNull();
  expect(after([fails, nothing], { ...own, missing: 'fails' }).failingSince).toBe(at(0));
});

test('several that have failed are all told', () => {
  const one = after([fails]);
  const gates = { cpu: own, errors: own, idle: own };
  const all = [one, { ...one, gate: 'errors', says: 'x' }, { ...one, gate: 'idle', failingSince: null }];
  expect(whyFailed(all, gates, Date.parse(at(60)))).toBe(
    'Gate cpu failed for 1m: 7, allowed at most 5. Besides, gate errors failed for 1m: x.',
  );
});

describe('what fails before green has any traffic', () => {
  const ring = (...names: string[]): Reading => ({ verdict: 'fails', says: `${names.join()} rings`, failing: names });

  test('is asked about', () => {
    expect(asksAbout([after([passes])])).toBeUndefined();
    expect(asksAbout([after([ring('cpu')])])).toMatch(/fails already: gate cpu: cpu rings\. Approve .* or reject\./);
  });

  test('counts again once it has passed, and another one counts at once', () => {
    const known = accept(after([ring('cpu')]));
    expect(known).toMatchObject({ failingSince: null, accepted: ['cpu'] });
    const goesOn = standingAfter({ name: 'cpu', gate: own }, ring('cpu'), known, at(20));
    expect(goesOn).toMatchObject({ failingSince: null, accepted: ['cpu'] });
    const other = standingAfter({ name: 'cpu', gate: own }, ring('cpu', 'memory'), goesOn, at(30));
    expect(other).toMatchObject({ failingSince: at(30), failing: ['memory'], accepted: ['cpu'] });
    const passed = standingAfter({ name: 'cpu', gate: own }, passes, goesOn, at(30));
    expect(standingAfter({ name: 'cpu', gate: own }, ring('cpu'), passed, at(40)).failingSince).toBe(at(40));
  });
});

describe('alarms', () => {
  const alarm = (name: string, state: AlarmState['state']): AlarmState => ({
    name,
    state,
    since: at(0),
    reason: 'above 5',
  });

  test('one that rings fails the gate, whatever the others are', () => {
    expect(judgeAlarms(['a', 'b', 'c'], [alarm('a', 'INSUFFICIENT_DATA'), alarm('b', 'ALARM')])).toEqual({
      verdict: 'fails',
      says: `b rings since ${at(0)}: above 5`,
      failing: ['b'],
    });
  });

  test.each([
    [['a', 'b'], [alarm('a', 'OK')], { verdict: 'missing', says: 'there is no alarm b' }],
    [['a'], [alarm('a', 'INSUFFICIENT_DATA')], { verdict: 'missing', says: 'a has no data' }],
    [['a', 'b'], [alarm('a', 'OK'), alarm('b', 'OK')], { verdict: 'passes', says: 'a, b are OK' }],
  ])('%j', (names, states, reading) => {
    expect(judgeAlarms(names, states)).toEqual(reading);
  });
});

describe('answers of Prometheus', () => {
  const vector = (...values: string[]) => ({
    status: 'success',
    data: { resultType: 'vector', result: values.map((value) => ({ metric: {}, value: [1_764_417_600, value] })) },
  });

  test.each([
    ['a value within', vector('3'), { verdict: 'passes', says: '3, allowed at most 5' }],
    ['one of many above', vector('1', '7', '2'), { verdict: 'fails', says: '7 among 3 values, allowed at most 5' }],
    ['infinity', vector('+Inf'), { verdict: 'fails', says: 'Infinity, allowed at most 5' }],
    ['no series', vector(), { verdict: 'missing', says: 'the query has no value' }],
    ['a division by no requests', vector('NaN'), { verdict: 'missing', says: 'the query has no value' }],
    [
      'a scalar',
      { status: 'success', data: { resultType: 'scalar', result: [1, '0.123456'] } },
      { verdict: 'passes', says: '0.1235, allowed at most 5' },
    ],
    ['a range', { status: 'success', data: { resultType: 'matrix', result: [] } }, { verdict: 'missing' }],
    [
      'a query that is none',
      { status: 'error', errorType: 'bad_data', error: 'parse error at char 4' },
      { verdict: 'missing', says: 'Prometheus answered parse error at char 4' },
    ],
    ['something else', ['no'], { verdict: 'missing', says: 'Prometheus answered no result' }],
    ['nothing', null, { verdict: 'missing', says: 'Prometheus answered no result' }],
  ])('%s', (_, answer, reading) => {
    expect(judgePrometheus(answer, { most: 5 })).toMatchObject(reading);
  });
});

test.each([
  [{ rate: 0.5 }, '$.rate', { verdict: 'passes', says: '0.5, allowed 0.2 to 1' }],
  [{ rate: '1.5' }, '$.rate', { verdict: 'fails', says: '1.5, allowed 0.2 to 1' }],
  [[{ up: true }, { up: false }], '$[*].up', { verdict: 'fails', says: '0 among 2 values, allowed 0.2 to 1' }],
  [{ rate: 'many' }, '$.rate', { verdict: 'missing', says: '$.rate finds what is no number' }],
  [{ rate: null }, '$.rate', { verdict: 'missing', says: '$.rate finds what is no number' }],
  [{}, '$.rate', { verdict: 'missing', says: '$.rate finds nothing' }],
])('what a JSONPath finds in %j at %s', (answer, path, reading) => {
  expect(judgeJson(answer, path, { least: 0.2, most: 1 })).toEqual(reading);
});
