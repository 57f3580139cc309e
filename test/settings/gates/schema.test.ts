/** Gates as people write them. */
import { parseSettings } from '../../../settings/load';
import { zoneOf } from '../../../settings/applications/zone';
import { zone } from '../minimal';

const parse = (gates: string, own = '') =>
  parseSettings(
    `${zone}    gates:\n      ${gates.replaceAll('\n', '\n      ')}\napplications:\n  Orders: { key: a3c0a9a4-7a1b-4b6b-9a53-0c6a6f1f8f11${own} }\n`,
    'cutover.yaml',
  );

test('each kind has its defaults, and says what a missing answer means', () => {
  const { gates } = parse(`cpu: { kind: alarms, names: [cpu-high] }
errors: { kind: loadBalancer }
queue: { kind: prometheus, address: 'http://prometheus:9090', query: 'sum(queue)', most: 5 }
shop: { kind: http, address: { env: SHOP_URL }, path: '$.orders', least: 1, headers: { authorization: { file: /run/secrets/shop } } }
tests: { kind: webhook, address: 'https://tests.example.com', failAfter: 0s }`).zones['production'] ?? { gates: {} };
  expect(gates).toMatchObject({
    cpu: { failAfter: 60_000, every: 30_000, missing: 'passes' },
    errors: { compare: { factor: 1.5, confidence: 99.9 }, leastRequests: 20, missing: 'passes' },
    queue: { missing: 'fails', most: 5 },
    shop: { address: '${env:SHOP_URL}', headers: { authorization: '${file:/run/secrets/shop}' }, missing: 'fails' },
    tests: { failAfter: 0, metadata: {}, missing: 'fails' },
  });
});

test('an application has its own over the zone’s, by name, and takes away what it doesn’t want', () => {
  const settings = parse(
    `cpu: { kind: alarms, names: [cpu-high] }\nerrors: { kind: loadBalancer, mostErrors: 1 }`,
    ', gates: { cpu: null, errors: { mostErrors: 5 } }',
  );
  const own = zoneOf(settings, 'production', 'Orders');
  expect(own && 'zone' in own && own.zone.gates).toMatchObject({ errors: { kind: 'loadBalancer', mostErrors: 5 } });
  expect(own && 'zone' in own && Object.keys(own.zone.gates)).toEqual(['errors']);
});

test.each([
  ['cpu: { kind: alarm, names: [x] }', /gates\.cpu\.kind/],
  ['cpu: { kind: alarms, names: [] }', /gates\.cpu\.names/],
  ['queue: { kind: prometheus, address: "http://p", query: up }', /gates\.queue.*expected most, least or both/],
  ['queue: { kind: prometheus, address: "http://p", query: up, least: 5, most: 1 }', /least not above most/],
  ['queue: { kind: prometheus, address: "ftp://p", query: up, most: 1 }', /gates\.queue\.address/],
  ['shop: { kind: http, address: "http://p", path: "orders[", most: 1 }', /gates\.shop\.path.*JSONPath \(RFC 9535\)/],
  ['shop: { kind: http, address: "http://p", path: $.a, most: 1, headers: { host: x } }', /gates\.shop\.headers/],
  ['errors: { kind: loadBalancer, compare: { factor: 0.5 } }', /gates\.errors\.compare/],
  ['"a b": { kind: loadBalancer }', /expected a name of letters/],
  ['tests: { kind: webhook, address: "http://p", failAfter: 5 }', /gates\.tests\.failAfter.*duration/],
])('%s is refused, and says where', (gates, message) => {
  expect(() => parse(gates)).toThrow(message);
});
