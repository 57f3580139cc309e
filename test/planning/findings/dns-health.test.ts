import { findDnsHealth } from '../../../planning/findings/dns-health';

const group = (name: string, states: readonly string[], isUncounted = false) => ({ name, states, isUncounted });

test('a target group without a healthy target is a warning that names it, unless it counts for nothing', () => {
  const groups = [
    group('serves', ['unhealthy', 'healthy']),
    group('empty', []),
    group('drains', ['draining']),
    group('starts', ['initial'], true),
  ];
  expect(findDnsHealth(groups)).toMatchObject([{ state: 'ok' }]);
  expect(findDnsHealth([...groups, group('broken', ['draining', 'unhealthy'])])).toMatchObject([
    { state: 'warning', says: expect.stringMatching(/^no target of broken is healthy \(draining, unhealthy\)/) },
  ]);
});
