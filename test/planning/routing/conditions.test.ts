/** What every live rule of a zone asks for beside host and path: behind a CDN, or for an office’s addresses. */
import { findUnseen } from '../../../planning/findings/unseen';
import { planBlueGreen } from '../../../planning/plans/deployment';
import { inZone } from '../../../planning/routing/live-and-test-routes';
import type { ListenerRule, RuleCondition } from '../../../planning/routing/listener-rules';
import { parseSettings } from '../../../settings/load';
import { zone as minimal } from '../../settings/minimal';
import {
  defaultRule,
  listener,
  listenerArn,
  observed,
  orders,
  path,
  platformServerGroup,
  request,
  rule,
} from '../zone';

const settings =
  ', conditions: [{ header: X-Origin-Verify, values: [{ file: /run/secrets/origin }, { env: OLD }] }, { sourceIp: [203.0.113.0/24] }]';
const secret: RuleCondition = {
  field: 'http-header',
  header: 'X-Origin-Verify',
  values: ['${file:/run/secrets/origin}', '${env:OLD}'],
  regularExpressions: [],
};
const office: RuleCondition = { field: 'source-ip', values: ['203.0.113.0/24'], regularExpressions: [] };
const closed: ListenerRule = { ...defaultRule, forward: [], otherActions: [{ Type: 'fixed-response' }] };
const toPlatformServer = { forward: [{ targetGroupArn: platformServerGroup, weight: 1 }] };
const behindCdn = rule('arn/cdn', 5000, { conditions: [path('^/'), secret, office], ...toPlatformServer });

const plan = (more: string, rules: readonly ListenerRule[]) => {
  const asked = request({}, more);
  const live = inZone(asked.zone, { ...listener(listenerArn), rules });
  return planBlueGreen(asked, observed({ liveListener: live }));
};

test('every live and test rule bears them, and probes send what stands for the first value', () => {
  const { liveRoute, testRoute, liveAddress, testAddress } = plan(settings, [defaultRule]);
  for (const { after } of [...liveRoute.rules, ...testRoute.rules])
    expect(after?.conditions).toEqual(expect.arrayContaining([secret, office]));
  for (const { headers } of [liveAddress, testAddress])
    expect(headers).toEqual({ 'X-Origin-Verify': '${file:/run/secrets/origin}' });
});

describe('behind a load balancer that forwards nothing without the CDN’s header', () => {
  const named = `, platformServer: { targetGroup: '${platformServerGroup}' }`;

  test('an application moves from the Platform Server that the settings name', () => {
    const { blue, unseenRequests } = plan(settings + named, [behindCdn, closed]);
    expect(blue).toEqual({ kind: 'platformServer', targetGroupArn: platformServerGroup });
    expect(unseenRequests).toBeUndefined();
  });

  test('it is refused where its rules would be the way around the header', () => {
    expect(() => plan(named, [behindCdn, closed])).toThrow('Without that the load balancer forwards nothing');
  });

  test('a rule of others that wins the same requests is seen, and refused', () => {
    const other = rule('arn/other', 1, {
      conditions: [path('^/Orders'), secret],
      forward: [{ targetGroupArn: 'x', weight: 1 }],
    });
    expect(() => plan(settings + named, [other, behindCdn, closed])).toThrow(
      '/Orders is already caught by listener rule arn/other (priority 1)',
    );
  });
});

test('doctor sees what such requests reach as probes do', () => {
  const asked = request({}, settings);
  const probe = { hosts: ['apps.example.com'], conditions: [secret, office] };
  const zone = { probe, priorities: asked.zone.priorities, platformServer: platformServerGroup };
  expect(findUnseen([behindCdn, closed], [{ identity: orders, modules: ['Orders'] }], zone)).toEqual([]);
});

test.each([
  ["{ header: X-Origin-Verify, values: ['${file:/x}'] }", /conditions\.0/],
  ['{ header: Host, values: [a] }', /conditions\.0/],
  ['{ sourceIp: [203.0.113.1] }', /conditions\.0/],
  ['{ header: X, values: [{ vault: x }] }', /conditions\.0/],
  ['{ header: X, values: [a, b, c] }, { header: Y, values: [d] }', /conditions: a rule takes five values in all/],
])('%s is refused as it is read', (condition, message) => {
  expect(() => parseSettings(`${minimal}    conditions: [${condition}]\n`, 'cutover.yaml')).toThrow(message);
});
