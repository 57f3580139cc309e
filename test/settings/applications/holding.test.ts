/** What `cutover settings` shows. */
import { holdingSettings } from '../../../settings/applications/holding';
import { zoneOf } from '../../../settings/applications/zone';
import { parseSettings } from '../../../settings/load';
import { zone } from '../minimal';

const text = `${zone}    container: { environment: { LEVEL: info, SHOP: 'off' }, logGroup: /ecs/all }
    targetGroup: { healthCheck: { interval: 20s } }
applications:
  Orders:
    key: a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11
    container:
      environment: { SHOP: 'on' }
      logGroup: null
    taskDefinition:
      containerDefinitions: { proxy: { image: 'proxy:1', environment: { LEVEL: { value: debug } } } }
    deployment: { bake: 1h }
`;
const settings = parseSettings(text, 'cutover.yaml');
const own = zoneOf(settings, 'production', 'Orders');
const rows =
  own && 'zone' in own
    ? holdingSettings(settings, { zone: 'production', application: 'Orders' }, own.zone).map(
        ({ path, value, from, place }) => [path.join('.'), value, from, place],
      )
    : [];

test.each([
  ['container.environment.LEVEL', 'info', 'zone', 'cutover.yaml:8'],
  ['container.environment.SHOP', 'on', 'application', 'cutover.yaml:14'],
  ['taskDefinition.containerDefinitions.proxy.image', 'proxy:1', 'application', 'cutover.yaml:17'],
  ['taskDefinition.containerDefinitions.proxy.environment.LEVEL.value', 'debug', 'application', 'cutover.yaml:17'],
  ['targetGroup.healthCheck.interval', '20s', 'zone', 'cutover.yaml:9'],
  ['targetGroup.healthCheck.timeout', '5s', 'default', null],
  ['deployment.bake', '1h', 'application', 'cutover.yaml:18'],
  ['deployment.settle', '1m', 'default', null],
  ['service.launchType', 'FARGATE', 'default', null],
])('%s is %s by the %s', (...row) => {
  expect(rows).toContainEqual(row);
});

test('what an application takes away of its zone holds no longer', () => {
  expect(rows.map(([path]) => path)).not.toContain('container.logGroup');
});
