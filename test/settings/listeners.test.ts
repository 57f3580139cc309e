import { conditionsOf } from '../../settings/applications/zone';
import { InvalidSettings, parseSettings } from '../../settings/load';

const arnOf = (loadBalancer: string, listener = 'f2f7dc8efc522ab2') =>
  `arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/${loadBalancer}/50dc6c495c0c9188/${listener}`;

const zone = (lines: string) => `
zones:
  production:
    region: eu-west-1
    cluster: outsystems
${lines.replace(/^/gm, '    ')}
applications: {}
`;

const entry = (loadBalancer: string, address: string) => `
  - listener: ${arnOf(loadBalancer)}
    testListener: ${arnOf(loadBalancer, '0467ef3c8400ae65')}
    address: ${address}`;

const read = (lines: string) => parseSettings(zone(lines), 'cutover.yaml').zones['production'];
const faultOf = (lines: string) => {
  try {
    read(lines);
  } catch (error) {
    if (error instanceof InvalidSettings) return error.message;
  }
  return undefined;
};

test("a list with one listener is the zone's own, written in another way", () => {
  const long = read(`listeners:${entry('internal', 'https://apps.internal')}`);
  const short = read(
    `listener: ${arnOf('internal')}\ntestListener: ${arnOf('internal', '0467ef3c8400ae65')}\naddress: https://apps.internal`,
  );
  expect(long).toEqual(short);
});

test('a listener in the zone beside a list of them is refused, for it would have no part in anything', () => {
  const lines = `listener: ${arnOf('internal')}\nlisteners:${entry('internal', 'https://apps.internal')}`;
  expect(faultOf(lines)).toMatch(/^cutover.yaml:6: zones.production.listener: expected it in the first of/);
});

test('two listeners of one load balancer are refused, for a target group belongs to one', () => {
  const lines = `listeners:${entry('internal', 'https://apps.internal')}${entry('internal', 'https://apps.example.com')}`;
  expect(faultOf(lines)).toContain('expected a listener of another load balancer');
});

test('a listener without a test route is named by its place in the list', () => {
  const lines = `listeners:\n  - listener: ${arnOf('internal')}\n    address: https://apps.internal`;
  expect(faultOf(lines)).toMatch(/zones\.production\.listeners\.0\.testRoute: expected a testListener, or a testRoute/);
});

test('a zone without a listener says what it lacks', () => {
  const fault = faultOf('address: https://apps.internal\ntestRoute: { value: "1234567812345678" }');
  expect(fault).toMatch(/zones\.production\.listener: expected string, received undefined/);
});

test('the others stand beside the first', () => {
  const settings = read(
    `listeners:${entry('internal', 'https://apps.internal')}${entry('public', 'https://apps.example.com')}`,
  );
  expect(settings).toMatchObject({
    address: 'https://apps.internal',
    otherListeners: [{ address: 'https://apps.example.com', hosts: [], listener: arnOf('public') }],
  });
});

const header = (name: string) => `{ header: ${name}, values: [{ file: /run/secrets/${name} }] }`;
const condition = (name: string) => ({ header: name, values: [`\${file:/run/secrets/${name}}`] });

test('a listener asks for what the zone asks for, and for its own', () => {
  const settings = read(
    `conditions: [${header('Shared')}]\nlisteners:${entry('internal', 'https://apps.internal')}${entry('public', 'https://apps.example.com')}\n    conditions: [${header('Own')}]`,
  );
  expect(settings?.conditions).toEqual([condition('Shared')]);
  expect(settings?.otherListeners?.[0]?.conditions).toEqual([condition('Shared'), condition('Own')]);
});

test('a listener whose rules would ask for too much is named by its place', () => {
  const values = '{ header: X, values: [a, b, c] }, { header: Y, values: [d, e] }';
  const lines = `listeners:${entry('internal', 'https://apps.internal')}${entry('public', 'https://apps.example.com')}\n    conditions: [${values}]`;
  expect(faultOf(lines)).toMatch(/zones\.production\.listeners\.1\.conditions: a rule takes five values in all/);
});

test('the secret of a test route may be named by where it is, and its clients know it by that', () => {
  const settings = parseSettings(
    zone(
      `listener: ${arnOf('main')}\naddress: https://apps.example.com\ntestRoute: { value: { env: TEST_ROUTE } }\nconditions: [${header('Shared')}]`,
    ),
    'cutover.yaml',
  );
  expect(settings.zones['production']?.testRoute).toEqual({ header: 'X-Cutover-Test', value: '${env:TEST_ROUTE}' });
  expect(conditionsOf(settings)).toEqual([
    condition('Shared'),
    { header: 'X-Cutover-Test', values: ['${env:TEST_ROUTE}'] },
  ]);
});

test('a test route’s plain value is long enough to be a secret', () => {
  const withValue = (value: string) =>
    faultOf(`listener: ${arnOf('main')}\naddress: https://apps.example.com\ntestRoute: { value: ${value} }`);
  expect(withValue('only-15-letters')).toMatch(
    /testRoute\.value: expected a value of 16 to 128 characters, \{ file: PATH \} or \{ env: NAME \}/,
  );
  expect(withValue('sixteen-letters-')).toBeUndefined();
});

test.each([
  ["value: '********'", /testRoute\.value: expected a value without \*, \?/],
  ["value: 'a-long-secre?'", /testRoute\.value: expected a value without \*, \?/],
  ['value: a-long-test-secret, header: Host', /testRoute\.header: expected the name of a header of its own/],
  ['value: a-long-test-secret, header: "X-Test: a"', /testRoute\.header: expected the name of a header of its own/],
  ['value: a-long-test-secret, header: "X-*"', /testRoute\.header: expected the name of a header of its own/],
  ['value: "a-long\\r\\nsecret"', /testRoute\.value: expected a value of 16 to 128/],
])('a test route that others reach too is refused: %s', (route, message) => {
  expect(faultOf(`listener: ${arnOf('main')}\naddress: https://apps.example.com\ntestRoute: { ${route} }`)).toMatch(
    message,
  );
});
