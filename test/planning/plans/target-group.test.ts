/** What green's target group takes over from blue's, and what it doesn't. */
import { parseSettings } from '../../../settings/load';
import { planTargetGroup } from '../../../planning/plans/target-group';
import { zoneSettings } from '../zone';

const delay = 'deregistration_delay.timeout_seconds';
const crossZone = 'load_balancing.cross_zone.enabled';
const attributesOf = (attributes: Readonly<Record<string, string>> | undefined, settings = '') =>
  planTargetGroup(zoneSettings(settings), {
    name: 'orders-b',
    modules: ['Orders'],
    twin: attributes && { attributes },
    twinModules: [],
    networkMode: 'awsvpc',
    tags: {},
  }).attributes;

test('half an hour for uploads stays half an hour, though the settings say nothing of it', () => {
  expect(attributesOf({ [delay]: '1800' })).toMatchObject({ [delay]: '1800' });
});

test('what the settings say of the delay holds, and two minutes where nobody says anything', () => {
  expect(attributesOf({ [delay]: '1800' }, ', targetGroup: { deregistrationDelay: 30s }')).toMatchObject({
    [delay]: '30',
  });
  expect(attributesOf(undefined)).toMatchObject({ [delay]: '120' });
});

test('green is reached from every zone though blue is not: its first replica is in one zone only', () => {
  expect(attributesOf({ [crossZone]: 'false' })).toMatchObject({ [crossZone]: 'use_load_balancer_configuration' });
  expect(attributesOf({ [crossZone]: 'true' })).toMatchObject({ [crossZone]: 'true' });
});

test('settings that switch cross-zone load balancing off are refused, with the reason', () => {
  const text = `zones: { production: { targetGroup: { attributes: { ${crossZone}: 'false' } } } }`;
  expect(() => parseSettings(text, 'cutover.yaml')).toThrow(
    /"false": a node of the load balancer whose zone has no replica/,
  );
});
