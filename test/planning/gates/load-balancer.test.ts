/** The gate on the load balancer's own counts. */
import { judgeLoadBalancer, type MinuteCounts } from '../../../planning/gates/load-balancer';
import { gates, type GateOf } from '../../../settings/gates/schema';

const minute = 60_000;
const since = 1_000 * minute + 20_000;
const first = 1_001;
const gateOf = (own: object) => gates.parse({ own: { kind: 'loadBalancer', ...own } })['own'] as GateOf<'loadBalancer'>;
const counts = (at: number, requests: number, errors = 0, latencyMs = 50): MinuteCounts => ({
  minute: at * minute,
  requests,
  errors,
  latencyMs,
  answered: requests,
});
const judge = (own: object, green: MinuteCounts[], blue: MinuteCounts[] = [], after = 5 * minute) =>
  judgeLoadBalancer(gateOf(own), { green, blue }, since, since + after);

test('too few requests say nothing', () => {
  expect(judge({}, [counts(first, 19, 19)])).toEqual({
    verdict: 'missing',
    says: '19 requests to green were counted, of 20 that say something',
  });
});

test('what came before the first whole minute was the probes’, or a release that warmed up', () => {
  expect(judge({ mostErrors: 1 }, [counts(first - 1, 500, 500), counts(first, 100)])).toMatchObject({
    verdict: 'passes',
  });
});

test('more errors than allowed fail it, with the numbers', () => {
  expect(judge({ mostErrors: 1 }, [counts(first, 60, 1), counts(first + 1, 40, 1)])).toEqual({
    verdict: 'fails',
    says: '2 of 100 requests (2 %) failed, allowed 1 %',
  });
  expect(judge({ mostErrors: 2 }, [counts(first, 100, 2)]).verdict).toBe('passes');
});

test('slow answers fail it, by their average over all minutes', () => {
  const green = [counts(first, 300, 0, 100), counts(first + 1, 100, 0, 3_000)];
  expect(judge({ mostLatency: '800ms' }, green)).toMatchObject({
    verdict: 'fails',
    says: '825ms to answer on average, allowed 800ms',
  });
  expect(judge({ mostLatency: '1s' }, green).verdict).toBe('passes');
});

describe('compared with blue', () => {
  test('in the same minutes, green may be worse', () => {
    const blue = [counts(first, 900, 2), counts(first + 1, 900, 1)];
    const read = judge({}, [counts(first, 100, 10), counts(first + 1, 100, 9)], blue);
    expect(read.verdict).toBe('fails');
    expect(read.says).toMatch(
      /^19 of 200 requests \(9.5 %\) failed against 3 of 1800 requests \(0.1667 %\) of blue in the same minutes \(by chance: /,
    );
  });

  test('a fault that strikes both is not green’s', () => {
    const both = (requests: number) => [counts(first, requests, requests * 0.3)];
    expect(judge({}, both(100), both(900))).toMatchObject({ verdict: 'passes' });
  });

  test('alone, it is compared with the hour before', () => {
    const past = Array.from({ length: 60 }, (_, at) => counts(940 + at, 100, at % 10 === 0 ? 1 : 0));
    expect(judge({}, [counts(first, 100, 12)], past)).toMatchObject({
      verdict: 'fails',
      says: expect.stringMatching(
        /^12 of 100 requests \(12 %\) failed against 6 of 6000 requests \(0.1 %\) of the hour before/,
      ),
    });
    const sick = past.map((one) => ({ ...one, errors: 12 }));
    expect(judge({}, [counts(first, 100, 12)], sick)).toMatchObject({ verdict: 'passes' });
  });

  test('behind several load balancers, minutes are added up', () => {
    const blue = [counts(first, 450, 1), counts(first, 450, 1)];
    expect(judge({}, [counts(first, 50, 6), counts(first, 50, 6)], blue)).toMatchObject({
      verdict: 'fails',
      says: expect.stringContaining('12 of 100 requests (12 %) failed against 2 of 900'),
    });
  });

  test('not where that isn’t wanted', () => {
    expect(judge({ compare: false, mostErrors: 50 }, [counts(first, 100, 20)], [counts(first, 900)]).verdict).toBe(
      'passes',
    );
    expect(judge({ compare: false }, [counts(first, 100, 20)])).toEqual({
      verdict: 'passes',
      says: '20 of 100 requests (20 %) failed',
    });
  });

  test('where nothing served before, or only for a part of a minute, few may fail', () => {
    const says = (errors: number) =>
      `${errors} of 100 requests (${errors} %) failed, allowed 5 % where there is nothing to compare with`;
    expect(judge({}, [counts(first, 100, 6)])).toEqual({ verdict: 'fails', says: says(6) });
    expect(judge({}, [counts(first, 100, 5)])).toEqual({ verdict: 'passes', says: says(5) });
    expect(judge({}, [counts(first, 100, 6)], [counts(first - 1, 40)])).toMatchObject({ verdict: 'fails' });
    expect(judge({ mostErrors: 50 }, [counts(first, 100, 6)])).toMatchObject({ verdict: 'passes' });
  });

  test('the more often one has looked, the surer it must be', () => {
    const [green, blue] = [[counts(first, 100, 8)], [counts(first, 900, 3)]];
    expect(judge({ every: '30s' }, green, blue, 30_000).verdict).toBe('fails');
    expect(judge({ every: '30s' }, green, blue, 10 * 3_600_000).verdict).toBe('passes');
  });
});
